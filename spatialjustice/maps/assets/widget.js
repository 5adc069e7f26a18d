// The page of a what-if inside a notebook: it computes by itself, and what a reader changes goes to Python and back.
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = model.get("_title");
  frame.style.cssText = "width:100%;height:760px;border:1px solid rgba(128,128,128,.35);border-radius:6px";
  let quiet = false; // while what Python says is taken over

  const page = () => frame.contentWindow && frame.contentWindow.spatialjustice;

  // Everything that is changed, with what follows from it.
  function tell() {
    const sj = page();
    if (quiet || !sj || !sj.whatIf.state.here) return;
    const { state, plan } = sj.whatIf.context;
    const service = state.here.engine.services[0].key;
    const found = sj.whatIfAnswer.told(state.here, service, plan.of(service), state.here.engine.cutoffs[state.limit]);
    const number = (value) => (Number.isFinite(value) ? value : null);
    const told = {};
    for (const time of ["before", "after"]) {
      const { people, within, unreached, mean, worstTenth, gini } = found[time];
      told[time] = { people: number(people), within: number(within), unreached: number(unreached), mean: number(mean), worst_tenth: number(worstTenth), gini: number(gini) };
    }
    Object.assign(told.after, { gained: found.gained, lost: found.lost });
    model.set("_told", told);
    model.set("_costs", new DataView(new Float64Array(found.costs).buffer));
    const changed = sj.whatIfSaved(sj.whatIf.context, "", "");
    if (!same(model.get("changes").features || [], changed.features)) model.set("changes", changed);
    model.save_changes();
  }

  function take() {
    const sj = page();
    if (!sj || !sj.whatIf.state.here) return;
    const wanted = model.get("changes");
    const now = sj.whatIfSaved(sj.whatIf.context, "", "");
    if (same(wanted.features || [], now.features)) return;
    const read = sj.whatIfRead(JSON.stringify(Object.assign({ spatialjustice_proposal: 1, features: [] }, wanted)), sj.whatIf.state.here);
    quiet = true;
    sj.whatIf.context.plan.replace(read.plan || {});
    sj.whatIf.context.changed(false);
    quiet = false;
    tell();
  }

  // The page draws its map first; its panel is there when that is done.
  async function drawn() {
    while (frame.isConnected && !frame.contentDocument.getElementById("whatif")) await new Promise((resolve) => setTimeout(resolve, 50));
    return frame.isConnected;
  }

  frame.addEventListener("load", async function () {
    const sj = page();
    if (!sj || !sj.whatIf || !(await drawn())) return;
    frame.contentDocument.addEventListener("sj:whatif", tell);
    await sj.whatIf.open();
    take();
    tell();
  });
  model.on("change:changes", take);
  frame.srcdoc = model.get("_page");
  el.append(frame);
  return () => model.off("change:changes", take);
}

export default { render };
