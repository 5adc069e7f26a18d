// Runs before anything is drawn: what stands there for readers without scripts is not seen by the others, and the map
// has its final size from the start. The overview comes first unless the address asks for a map.
(function (root, address) {
  root.dataset.scripted = "";
  if (/(^#|&)embed(=|&|$)/.test(address)) root.dataset.embed = "";
  else if (!/(^#|&)(mode|show|right|filter|area|view)=/.test(address)) root.dataset.view = "overview";
})(document.documentElement, location.hash);
