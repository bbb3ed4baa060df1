// Another project has taken this address: the page begins anew, unless something that was written here would be lost.
import { draft, unsaved } from "../editor/file.js";
import { useKey, useProject } from "../store.js";
import { html, useEffect } from "../ui.js";
import { t } from "../words.js";

export function Other() {
  const other = useKey("other");
  const { name } = useProject();
  const stays = other && unsaved();
  useEffect(() => {
    if (other && !stays) location.reload();
  }, [other, stays]);
  if (!stays) return null;
  function leave() {
    draft.text = null;
    location.reload();
  }
  return html`<div class="banners"><div class="banner bad" role="alert">
    <div><b>${t("other", { name })}</b><pre class="hint">→ ${t("otherHint")}</pre></div>
    <button onClick=${leave}>${t("otherShow", { name })}</button>
  </div></div>`;
}
