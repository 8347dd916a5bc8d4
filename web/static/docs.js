// Draws the description of the API; in a file of its own, because no page has a script in it.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true });
