
"use strict";
(() => {
  const form = document.querySelector("form");
  const [words, tag, status] = ["words", "tag", "status"].map((id) => document.getElementById(id));
  const count = document.getElementById("count");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFC").toLowerCase();
  const papers = [...document.querySelectorAll("article")].map((node) => ({
    node,
    text: fold(node.textContent),
    tags: JSON.parse(node.dataset.tags),
    states: [node.dataset.status, "starred" in node.dataset ? "starred" : ""],
  }));

  const total = new Set(papers.map(({ text }) => text)).size; // a paper may be in several sections

  function filter() {
    const terms = fold(words.value).split(/\s+/).filter(Boolean);
    const matching = new Set();
    for (const { node, text, tags, states } of papers) {
      node.hidden = !(
        terms.every((term) => text.includes(term)) &&
        (!tag.value || tags.includes(tag.value)) &&
        (!status.value || states.includes(status.value))
      );
      if (!node.hidden) matching.add(text);
    }
    const matches = matching.size;
    for (const section of document.querySelectorAll("section"))
      section.hidden = !section.querySelector("article:not([hidden])");
    document.getElementById("no-match").hidden = matches > 0 || total === 0;
    const all = `${total.toLocaleString("en")} paper${total === 1 ? "" : "s"}`;
    count.textContent = matches === total ? all : `${matches.toLocaleString("en")} of ${all}`;
  }

  for (const span of document.querySelectorAll("[data-tag]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.dir = "auto";
    button.textContent = span.textContent;
    button.title = `Only papers with ${span.textContent}`;
    button.addEventListener("click", () => {
      tag.value = tag.value === span.dataset.tag ? "" : span.dataset.tag;
      filter();
      scrollTo({ top: 0 });
    });
    span.replaceWith(button);
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
