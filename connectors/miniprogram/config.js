/** What a county sets: the service's address (https, and entered as 服务器域名 in the account's backend). */
module.exports = {
  base: "https://bangban.example.cn",
  /** Ids of subscription templates (长期订阅) that news of a case and reminders may use; asked for at a tap. */
  templates: [],
};
