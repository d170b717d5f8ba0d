// Every widget brings its own copy of this module, which a page never forgets. So this one is
// small: the code that shows explorers is loaded once for the whole page.

const modules = (globalThis.klteachModules ??= new Map());

async function load(code) {
  if (!modules.has(code)) {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    modules.set(code, import(url));
  }
  return (await modules.get(code)).default;
}

export default {
  async render({ model, el }) {
    const explorer = await load(model.get("code"));
    return explorer.render({ model, el });
  },
};
