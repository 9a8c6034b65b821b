globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];
const islands = await import(js);
await islands.default({ module_or_path: wasm });
islands.hydrate();
for (const island of document.querySelectorAll("leptos-island")) islands[island.dataset.component](island);
