// How outputs look: lamps glow, arms turn, buzzers sound, relays click.
import { noteOf } from "../tone.js";
import { html } from "../ui.js";
import { t } from "../words.js";

// The colour of a lamp that does not say its own: what its name says, else a warm white.
const NAMED = [
  ["red alarm", "红", "#ff3b30"],
  ["green ok", "绿", "#34d058"],
  ["blue", "蓝", "#3b82f6"],
  ["yellow", "黄", "#ffd60a"],
  ["orange", "橙", "#ff9500"],
  ["white", "白", "#ffffff"],
];

// Whole words only: an infrared lamp is not red.
function colourOf(name, look) {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z]+/);
  const named = NAMED.find(([english, chinese]) => name.includes(chinese) || english.split(" ").some((word) => words.includes(word)));
  return look.colour || named?.[2] || "#ffd27a";
}

export function Look({ name, look }) {
  const Shape = SHAPES[look.type];
  return Shape ? html`<${Shape} name=${name} look=${look} />` : null;
}

function Lamp({ name, look }) {
  const words = look.level ? (look.level < 1 ? `${Math.round(look.level * 100)} %` : t("on")) : t("off");
  return html`<div class="look" role="img" aria-label="${name}: ${words}" data-level=${look.level}>
    <${Bulb} colour=${colourOf(name, look)} level=${look.level} />
    <span>${words}</span>
  </div>`;
}

// Dim lamps are seen as brighter than their power: the eye is no meter.
function Bulb({ colour, level }) {
  const seen = level ** 0.6;
  return html`<svg class="bulb" viewBox="0 0 60 60">
    <circle cx="30" cy="30" r="28" fill=${colour} opacity=${seen * 0.28} />
    <circle cx="30" cy="30" r="21" fill=${colour} opacity=${seen * 0.45} />
    <circle class="glass" cx="30" cy="30" r="14" />
    <circle cx="30" cy="30" r="14" fill=${colour} opacity=${0.12 + 0.88 * seen} />
    <circle cx="25" cy="25" r="4" fill="#fff" opacity=${0.25 + 0.5 * seen} />
  </svg>`;
}

function Lamps({ name, look }) {
  const lit = look.colours.filter((colour) => colour !== "#000000").length;
  return html`<div class="look strip" role="img" aria-label="${name}: ${lit}/${look.colours.length}">
    ${look.colours.map((colour) => html`<${Bulb} colour=${colour} level=${colour === "#000000" ? 0 : 1} />`)}
  </div>`;
}

function Arm({ name, look }) {
  const known = look.degrees !== null;
  const words = known ? `${Math.round(look.degrees)}°` : t("released");
  return html`<div class="look" role="img" aria-label="${name}: ${words}" data-degrees=${look.degrees}>
    <svg class="dial" viewBox="0 0 100 62">
      <path class="track" d="M10 54 A40 40 0 0 1 90 54" />
      ${[0, 45, 90, 135, 180].map((tick) => html`<line class="tick" x1="14" y1="54" x2="19" y2="54" transform="rotate(${tick} 50 54)" />`)}
      <g class="needle ${known ? "" : "slack"}" style=${`transform: rotate(${known ? look.degrees : 90}deg)`}>
        <line x1="50" y1="54" x2="16" y2="54" />
      </g>
      <circle class="hub" cx="50" cy="54" r="6" />
    </svg>
    <span>${words}</span>
  </div>`;
}

function Tone({ name, look }) {
  const heard = look.frequency > 0;
  const words = heard ? `${Math.round(look.frequency)} Hz  ${noteOf(look.frequency)}` : t("silent");
  return html`<div class="look" role="img" aria-label="${name}: ${words}" data-frequency=${look.frequency}>
    <svg class="horn ${heard ? "heard" : ""}" viewBox="0 0 60 60">
      <circle class="case" cx="24" cy="30" r="17" />
      <circle class="hole" cx="24" cy="30" r="4" />
      <path class="wave" d="M45 20 a14 14 0 0 1 0 20" />
      <path class="wave" d="M50 14 a22 22 0 0 1 0 32" />
    </svg>
    <span>${words}</span>
  </div>`;
}

function Rotor({ name, look }) {
  const words = `${Math.round(look.speed * 100)} %`;
  const turn = look.speed ? `animation-duration: ${0.5 / Math.abs(look.speed)}s; animation-direction: ${look.speed < 0 ? "reverse" : "normal"}` : "animation: none";
  return html`<div class="look" role="img" aria-label="${name}: ${words}">
    <svg class="rotor" viewBox="0 0 60 60">
      <g style=${turn}>
        ${[0, 120, 240].map((angle) => html`<path d="M30 30 C22 18 24 8 30 6 C38 10 38 20 30 30" transform="rotate(${angle} 30 30)" />`)}
      </g>
      <circle class="hub" cx="30" cy="30" r="5" />
    </svg>
    <span>${words}</span>
  </div>`;
}

function Switch({ name, look }) {
  const words = t(look.on ? "on" : "off");
  return html`<div class="look" role="img" aria-label="${name}: ${words}">
    <svg class="contact ${look.on ? "closed" : ""}" viewBox="0 0 60 40">
      <line x1="4" y1="28" x2="18" y2="28" /><line x1="42" y1="28" x2="56" y2="28" />
      <line class="blade" x1="18" y1="28" x2="42" y2="28" /><circle cx="18" cy="28" r="3" /><circle cx="42" cy="28" r="3" />
    </svg>
    <span>${words}</span>
  </div>`;
}

const SHAPES = { lamp: Lamp, lamps: Lamps, arm: Arm, tone: Tone, rotor: Rotor, switch: Switch };
