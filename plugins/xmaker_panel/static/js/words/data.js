// The words of the page of plots and events.
export default {
  plots: ["Plots", "曲线"],
  log: ["Events", "事件"],
  plotOf: ["{name}, {range}, over the last minute", "{name}，{range}，最近一分钟"],
  range: ["{low} to {high} {unit}", "{low} 到 {high} {unit}"],
  noNumbers: ["No numbers to draw yet.", "还没有可画的数值。"],
  noEvents: ["Nothing has happened yet.", "还没有事件。"],
  filter: ["Filter", "筛选"],
  pause: ["Pause", "暂停"],
  resume: ["Go on", "继续"],
  clear: ["Clear", "清空"],
  all: ["All", "全部"],
  value: ["Values", "值"],
  action: ["Actions", "动作"],
  notice: ["Notices", "提示"],
  error: ["Errors", "错误"],
};
