/** Opening what the service made: a filled form, a result, a picture. */
const words = require("./words");

const DOCUMENTS = {
  "application/pdf": "pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
};

/** Downloads the file and shows it; `type` is its media type. */
function open(platform, url, type = "") {
  const failed = () => platform.showToast({ title: words.notOpened, icon: "none" });
  const success = ({ statusCode, tempFilePath }) => {
    if (statusCode !== 200) return failed();
    if (type.startsWith("image/")) return platform.previewImage({ urls: [tempFilePath] });
    return platform.openDocument({ filePath: tempFilePath, fileType: DOCUMENTS[type], showMenu: true, fail: failed });
  };
  platform.downloadFile({ url, success, fail: failed });
}

module.exports = { open };
