// What every view is made with: markup as template strings, Preact's hooks, and the two stores.
import { h, options, render } from "../vendor/preact.js";
import { useEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
import htm from "../vendor/htm.js";

options.debounceRendering = requestAnimationFrame; // never more often than the display shows
export const html = htm.bind(h);
export { render, useEffect, useMemo, useRef, useState };
