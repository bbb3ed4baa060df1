// Asks for the PIN.
import { html, useState } from "../ui.js";
import { t } from "../words.js";

export function Pin({ entered }) {
  const [trouble, setTrouble] = useState("");
  async function enter(event) {
    event.preventDefault();
    const pin = new FormData(event.target).get("pin").trim();
    const answer = await fetch("/pin", { method: "POST", body: JSON.stringify(pin) });
    if (answer.ok) return entered();
    const { wait } = answer.status === 429 ? await answer.json() : {};
    setTrouble(wait ? t("pinWait", { n: Math.ceil(wait) }) : t("pinWrong"));
    event.target.reset();
  }
  return html`
    <form class="pin card" onSubmit=${enter}>
      <h2>${t("pinTitle")}</h2>
      <p>${t("pinWhere")}</p>
      <input name="pin" aria-label="PIN" inputmode="numeric" autocomplete="one-time-code" maxlength="6" required autofocus />
      <button class="strong">${t("pinEnter")}</button>
      <p class="trouble" role="alert">${trouble}</p>
    </form>
  `;
}
