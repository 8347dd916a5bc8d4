"""What stands before a full stop that ends no sentence, and what a sentence begins with. Tables, by what follows.

Words of all languages are in one table: a document may have several languages, and what is an abbreviation in one and a
word in another is left out. The last full stop and blanks are left out as well: "z. B." is "z.B".
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name, a noun or the like follows, whatever its first letter: titles, and what stands for "for example".
BEFORE_NAMES = _words(
    """
    Mr Mrs Ms Messrs Dr Drs Prof Profs Rev Hon Gen Col Maj Capt Cpt Cmdr Cdr Lt Sgt Cpl Pvt Adm Brig Rep Reps Sen Sens
    Gov Pres Supt Det Insp Fr Ft Mt Mts approx cf Cf viz vs e.g E.g i.e I.e v
    Hr Hrn Fa Dipl Ing med rer nat phil jur habil hab hc z.B Z.B u.a U.a u.ä d.h D.h sog kath ev inkl exkl ca Ca bzw
    vgl Vgl lt evtl ggf insb bspw
    zzgl abzgl einschl geb gest Hrsg z.T z.Z z.Hd o.ä i.A i.V
    i.R u.U s.a s.o s.u i.d.R h.c e.V m.E o.g rd
    p Ing Mgr Bc MUDr JUDr PhDr RNDr PaedDr doc Doc prof plk pplk Pplk mjr Mjr kpt Kpt npor gen Gen npr např Např tzv
    Tzv tj Tj srov Srov sv Sv ul nám tř tel cca Cca resp popř zn tzn mj
    M MM Mlle Mme Mmes Mgr Pr Vve av bd boul pl éd env Env réf tél gén Gén col lieut p.ex c.-à-d
    Sr Sra Sres Sras Srta Dr Dra Dres D Dña Da Ud Uds Vd Vds Gral Cnel Tte Mons Sto Sta Excmo Excma Ilmo Ilma Lic
    Ing Arq
    Av Avda Pza Aprox aprox p.ej P.ej
    dott Dott sig Sig sigg Sigg avv Avv geom spett Spett mons prov dhr Dhr mevr Mevr drs bijv
    т.е Т.е т.н Т.н т.ч т.к Т.к см См ср Ср напр Напр ок Ок им Им ул пл просп пр-т пер наб г гр Гр проф Проф акад
    Акад доц инж ген
    полк кап лейт св Св и.о И.о тов Тов гос обл пгт р-н д пос с кв стр корп гл ред сост пер отв
    डॉ डा प्रो पं श्री मो सं रु कु चौ स्व ले ई ई.पू कि.ग्रा कि.मी मी बी.ए एम.ए
    د أ.د م أ
    """
)
# A number follows.
BEFORE_NUMBERS = _words(
    """
    no No nos Nos nr Nr Nrn n N n.º N.º N° n° art Art arts Arts sec Sec secs Secs par para paras Par ch Ch chap
    chaps Chap fig Fig figs
    Figs tab Tab tabs p pp P PP pg vol Vol vols Vols ed eq Eq eqs ex Ex app App ref Ref refs Rs Re cl Cl ver v V Rel
    reg Reg ss
    Abb Abs Absch Abschn Anm Anl Art Bd Bde Kap S Sp Ziff Zif Rn Rz Rdnr Az Tz Bl Jg Lfg H Std
    č Č čl Čl odst písm s str Str obr Obr tab kap sv roč r min max cca hl tel zák vyhl odd Odd čís tis mil mld
    al chap éq Éq fig tabl Tabl vol pp f ff t T réf env Env h
    núm Núm párrf pág Pág págs cap Cap ec Ec exp Exp tel fol vol máx mín art inc núms lib
    рис Рис табл Табл ст Ст п пп гл с С стр т разд прил пункт подп ч № тел ок Ок илл д кв вып см ок
    सं पृ रु धारा चि ता
    ص ج ط م ع
    nn nro pag Pag sez Sez cap blz hfst afb rys tabl poz ust kl
    """
)
# They may end a sentence: if a word follows that sentences begin with, they do.
BEFORE_NOUNS = _words(
    """
    St Ste Univ Dept Dist Inst Assn Bros Co Corp Sq Rd Ave Blvd Jr
    Mio Mrd Tsd Tel tgl MwSt Std Min Str a.M a.D i.Br
    mil mld tis stol a.s s.r.o spol EE.UU
    млн млрд тыс руб коп гг вв
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Okt Dez
    """
)
# They end a sentence if a capital letter follows: the sum of a list, units, times of day, eras.
AT_THE_END = _words(
    """
    etc Etc p.m a.m P.M A.M A.D B.C Ph.D Inc Ltd Esq al
    usw uvm u.a.m v.Chr n.Chr Chr ff
    atd apod násl n.l př.n.l
    suiv J.-C
    a.C d.C ss
    т.д т.п др пр н.э сл
    ق.م هـ
    """
)
# After a time of day these go on with it.
DAYS = _words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September
    October November December ET EST EDT CT CST CDT MT MST MDT PT PST PDT GMT UTC Eastern Central Pacific Mountain
    """
)
MONTHS = _words(
    """
    Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember Jan Feb Mär Apr Jun
    Jul Aug Sep Sept Okt Nov Dez
    """
)
# What sentences begin with: words that are no names and, but at a sentence's beginning, are not written with a capital.
OPENING = _words(
    """
    The A An This That These Those It He She They We You I His Her Its Their Our My Your There Here In On At By For From
    With Without After Before When While Where Why How What Who Which If As But And Or So Yet However Although Though
    Because Since Until During Under Over Between Among About Through Both Each Every Some Many Most Few Several All Any
    No Not None Nobody Nothing Then Thus Therefore Now Today Later Once Only Also Even Still Such Another Other Others
    To Is Are Was Were Do Does Did Has Have Had Can Could Will Would Should May Must Nor Neither Either Instead People
    Der Die Das Den Dem Des Ein Eine Einen Einem Einer Er Sie Es Wir Ihr Ich Man Im Am Um Auf Aus Bei Bis Durch Für
    Gegen
    Mit Nach Ohne Seit Unter Vom Von Vor Während Wegen Zu Zum Zur Über Aber Alle Alles Als Also Andere Auch Beide Da
    Dabei Dadurch Dafür Dagegen Daher Damit Danach Dann Daran Darauf Daraus Darin Darüber Darum Davon Dazu Denn Dennoch
    Deshalb Dies Diese Dieser Dieses Diesem Diesen Doch Dort Erst Etwas Heute Hier Ihre Ihren Jede Jeder Jedes
    Jedoch Kein
    Keine Keiner Man Mehr Nach Nicht Nichts Niemand Noch Nun Nur Ob Obwohl Oft Schon Sein Seine Seit So Solche Sonst
    Später Trotz Und Unter Viele Vielleicht Wann War Waren Warum Was Weil Weiter Welche Wenn Wer Wie Wir Wird Wo Zwar
    Zuerst Zwei Drei
    Le La Les Un Une Des Il Elle Ils Elles On Nous Vous Je Tu Ce Cet Cette Ces Son Sa Ses Leur Leurs Mon Ma Mes
    Notre Dans
    En Au Aux Avec Sans Sur Sous Pour Par Depuis Pendant Après Avant Mais Et Ou Donc Or Ni Car Si Quand Comme Où Qui Que
    Quel Quelle Pourquoi Comment Tout Tous Toute Toutes Chaque Plusieurs Certains Aucun Aucune Personne Rien Ainsi Alors
    Aussi Cependant Ensuite Puis Enfin Ici Là Même Lors Selon
    El Los Las Una Unos Unas Él Ella Ellos Ellas Yo Nosotros Usted Ustedes Este Esta Estos Estas Ese Esa Esto Eso Su Sus
    Mi Mis Nuestro Con Sin Sobre Bajo Para Por Desde Hasta Durante Después Antes Pero Y O Sino Si Cuando Como Donde
    Quien
    Qué Cuál Cuándo Cómo Todo Todos Toda Todas Cada Varios Algunos Algunas Ningún Ninguno Nadie Nada Así Entonces
    También
    Luego Aquí Allí Ya No Hay Al Del Según Se Lo Le Es Son Fue Eran Era Tiene Tenía Dónde
    Il Lo Gli Uno Di Da Nel Nella Nei Con Su Per Tra Fra Ma Se Quando Come Dove Chi Che Questo Questa Tutti Ogni Non È
    O Os As Um Uma No Na Nos Nas Ao Com Em Por Para Mas Quando Ele Ela Eles Elas Não Todos
    De Het Een In Op Van Voor Met Aan Bij Maar Als Dit Dat Deze Zij Hij Wij Er Alle Niet
    Ve V Na Do Z Ze S Se K U O Po Při Pro Od Bez Ale A I Ani Nebo Když Kde Kdo Co Jak Proč Protože To Ten Ta Ti
    Tento Tato
    Toto Jeho Její Jejich Všichni Všechny Každý Někteří Nikdo Nic Není Je Jsou Byl Byla Bylo Byli Má Mají Má Potom
    Pak Dnes Zde Tam Také Již Už Jen Ostatní Podle Oba Obě
    W Na Do Z Ze O Po Przy Dla Od Bez Ale I Lub Kiedy Gdzie Kto Co Jak To Ten Ta Jego Jej Ich Wszyscy Nikt Nie Jest Są
    В Во На С Со К Ко По За Из От До Для При Без Над Под О Об У И А Но Или Да Не Ни Он Она Оно Они Мы Вы Я Его Её Их Это
    Этот Эта Эти Тот Та Те Там Тут Здесь Где Когда Кто Что Как Почему Если Потому Поэтому Также Все Всё Каждый Никто
    Ничего Много Многие Потом Затем Теперь Сейчас Сегодня Уже Ещё Только Даже После Перед Между Через Город
    """
)
# Words that never begin a sentence, in scripts without capitals.
GOING_ON = _words("है हैं था थी थे में से को का की के ने तक तो ही भी और")
# After an abbreviation they go on as well.
GOING_ON_AFTER_ABBREVIATIONS = _words("في من على إلى عن مع حتى")
# What says who spoke, right after a quotation, in scripts without capitals.
SPOKEN = (
    r"[^\s，。！？、；：]{0,5}?(?:说|說|问道|問道|问(?!题)|問(?!題)|喊|叫道|回答说|笑道|(?<!知)道[，。：])"
    r"|(?:と|って|という|など|の|を|に|が|は)"
    r"|\S{0,8}\s?(?:ने\s)?(?:पूछा|कहा|बोला|बोली|चिल्लाया|चिल्लाई)"
    r"|و?(?:قال|سأل|صاح|أجاب|صرخ|هتف|رد|أضاف)\w{0,2}\b"
)
# Languages that write an ordinal as a number with a full stop.
ORDINALS = frozenset({"de", "cs", "sk", "sl", "hr", "sr", "da", "no", "fi", "et", "lv", "is", "hu", "pl"})
# Languages of which the tables above have the abbreviations that a number follows.
COVERED = frozenset({"en", "de", "cs", "fr", "es", "ru", "", "ar", "hi"})
