from XEdu.hub import Workflow as wf

# MMEdu writes a sample like this beside each model; XMaker does not need it.
mmcls = wf(task="mmedu", checkpoint="fruit.onnx")
result = mmcls.inference(data="media/1_apple.jpg")
print(mmcls.format_output(lang="zh"))
