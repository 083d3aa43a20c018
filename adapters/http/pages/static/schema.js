// The API's documentation. All of it comes from this server.
"use strict";
SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#schema",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
