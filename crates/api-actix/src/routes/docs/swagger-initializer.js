"use strict";

/** Swagger UI's own filter compares the names of tags alone. This one finds operations by path, method and summary too. */
function filterOperations(groups, phrase) {
  const wanted = phrase.toLowerCase();
  const matches = (operation) =>
    [operation.get("method"), operation.get("path"), operation.getIn(["operation", "summary"], "")]
      .join(" ")
      .toLowerCase()
      .includes(wanted);
  return groups
    .map((group, tag) =>
      tag.toLowerCase().includes(wanted) ? group : group.update("operations", (all) => all.filter(matches)))
    .filter((group) => group.get("operations").size > 0);
}

window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: new URL("./openapi.json", location.href).href,
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [() => ({ fn: { opsFilter: filterOperations } })],
    layout: "BaseLayout",
    deepLinking: true,
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    // The default sends the document to a server of its makers.
    validatorUrl: "none",
    onComplete: () => {
      document.querySelector(".operation-filter-input")?.setAttribute("placeholder", "Find a path, a method or a word");
    },
  });
};
