// The words of the list of projects.
export default {
  projects: ["Projects", "项目"],
  inFolder: ["In {folder}", "在 {folder} 里"],
  shipped: ["Came with XMaker", "XMaker 自带"],
  noProjects: ["No projects here yet: copy one of those below.", "这里还没有项目：从下面复制一个吧。"],
  start: ["Start", "启动"],
  stop: ["Stop", "停止"],
  openRun: ["Open", "打开"],
  copyHere: ["Copy here", "复制到这里"],
  starts: ["starting …", "正在启动…"],
  runs: ["running", "运行中"],
  mustBeMended: ["has mistakes", "有错误"],
  broke: ["ended with an error", "因错误结束"],
  folderGone: ["Its folder or file has been renamed or deleted; the run goes on until you stop it.", "它的文件夹或文件已改名或删除；运行会继续，直到你停止它。"],
  listGone: ["The list cannot be reached. Trying again …", "连接不上项目列表。正在重试…"],
};
