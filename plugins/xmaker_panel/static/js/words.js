// Every word of the page, in English and Chinese.
import { choice, choose, get, set, useKey } from "./store.js";

export const WORDS = {
  live: ["Live", "实时"],
  data: ["Data", "数据"],
  picture: ["Picture", "画面"],
  screen: ["Screen", "屏幕"],
  board: ["Board", "板子"],
  simulated: ["simulated", "模拟"],
  real: ["real device", "真实设备"],
  rules: ["Rules", "规则"],
  wiring: ["Wiring", "连线图"],
  plots: ["Plots", "曲线"],
  log: ["Events", "事件"],
  inputs: ["Inputs", "输入"],
  models: ["Models", "模型"],
  outputs: ["Outputs", "输出"],
  when: ["when", "当"],
  each: ["each", "每次"],
  for: ["for", "持续"],
  then: ["then", "就"],
  else: ["else", "否则"],
  firedNever: ["has not fired yet", "还没触发过"],
  firedNow: ["fired just now", "刚刚触发"],
  firedAgo: ["fired {time} ago", "{time}前触发"],
  seconds: ["{n} s", "{n} 秒"],
  minutes: ["{n} min", "{n} 分钟"],
  true: ["true now", "成立"],
  holds: ["holding", "保持中"],
  cools: ["cooling down", "冷却中"],
  waits: ["waiting", "等待"],
  noRules: ["This project has no rules.", "这个项目没有规则。"],
  noPicture: ["No picture yet.", "还没有画面。"],
  noValue: ["nothing yet", "还没有值"],
  noNumbers: ["No numbers to draw yet.", "还没有可画的数值。"],
  noEvents: ["Nothing has happened yet.", "还没有事件。"],
  press: ["Press", "按下"],
  keys: ["Click here and type: keys go to the project.", "点这里再按键：按键会发给项目。"],
  tryIt: ["Try it", "试一试"],
  do: ["Do", "执行"],
  show: ["Show", "显示"],
  state: ["state", "状态"],
  fps: ["a second", "次/秒"],
  latency: ["latency", "延迟"],
  dropped: ["dropped", "丢弃"],
  errors: ["errors", "错误"],
  lost: ["lost", "断开"],
  failed: ["failed", "故障"],
  paused: ["paused", "暂停"],
  opening: ["starting", "启动中"],
  new: ["starting", "启动中"],
  done: ["at its end", "已结束"],
  on: ["on", "开"],
  off: ["off", "关"],
  silent: ["silent", "静音"],
  released: ["no signal", "无信号"],
  hear: ["Hear buzzers", "播放蜂鸣器声音"],
  mute: ["Mute buzzers", "关闭蜂鸣器声音"],
  language: ["中文", "EN"],
  theme: ["Light or dark", "浅色或深色"],
  filter: ["Filter", "筛选"],
  pause: ["Pause", "暂停"],
  resume: ["Go on", "继续"],
  clear: ["Clear", "清空"],
  all: ["All", "全部"],
  value: ["Values", "值"],
  action: ["Actions", "动作"],
  notice: ["Notices", "提示"],
  error: ["Errors", "错误"],
  dismiss: ["Dismiss", "知道了"],
  connecting: ["Connecting …", "正在连接…"],
  gone: ["The run has ended, or cannot be reached. Trying again …", "运行已结束，或者连接不上。正在重试…"],
  pinTitle: ["This panel asks for its PIN", "这个面板需要 PIN"],
  pinWhere: ["It stands in the terminal in which XMaker runs.", "它显示在运行 XMaker 的终端里。"],
  pinEnter: ["Enter", "进入"],
  pinWrong: ["That is not the PIN.", "PIN 不对。"],
  pinWait: ["Too many wrong PINs. Wait {n} s.", "错误次数太多。请等 {n} 秒。"],
  fileBroken: ["The project file has mistakes; the last good one goes on running.", "项目文件有错误；上一个正确的版本继续运行。"],
};

const LANGUAGES = ["en", "zh"];

set("lang", choice("lang", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
document.documentElement.lang = get("lang");

// A word in the user's language; {name} is filled in.
export function t(key, details = {}) {
  const text = WORDS[key]?.[LANGUAGES.indexOf(get("lang"))] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => details[name] ?? "");
}

export function useLanguage() {
  return useKey("lang");
}

export function otherLanguage() {
  choose("lang", get("lang") === "zh" ? "en" : "zh");
  document.documentElement.lang = get("lang");
}

export function ago(seconds) {
  if (seconds < 1.5) return t("firedNow");
  const short = seconds < 90 ? t("seconds", { n: Math.round(seconds) }) : t("minutes", { n: Math.round(seconds / 60) });
  return t("firedAgo", { time: short });
}
