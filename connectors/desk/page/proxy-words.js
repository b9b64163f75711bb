/** Every Chinese text of the page of authorisations. */

const RELATIONS = { family: "子女、家里人", agent: "代办员、村干部", clerk: "窗口人员", other: "邻居、朋友、别的人" };
const HOW = { channel: "本人在自己手机上同意", window: "在窗口当面签名" };

export const words = {
  none: "没有委托。",
  count: (count) => `${count} 个委托`,
  byProxy: (some) => `${some[0].proxy} 替 ${new Set(some.map(({ of }) => of)).size} 个人办`,
  byPrincipal: (some) => `${some[0].principal} 委托了 ${new Set(some.map(({ by }) => by)).size} 个人`,
  title: ({ proxy, principal, matters }) => `${proxy}替${principal}办${matters.join("、")}`,
  standing: ({ stands, until, region_name: place, relation }) => `${stands}，管到${until}。${[place, RELATIONS[relation]].filter(Boolean).join("，")}。`,
  how: ({ how, witness }) => (HOW[how] ? `${HOW[how]}${witness ? `，见证人${witness}` : ""}。` : ""),
  reason: (text) => `停掉的原因：${text}`,
  act: ({ proxy, principal }, { matter, case: reference }, time) => `${proxy}替${principal}交了${matter}，${reference}，${time}`,
  noActs: "还没办过。",
  end: "停掉",
  endSure: "停掉以后，马上不能再替办，没交的表会停下来，两边都会收到通知。以前办的事照样留着。",
  why: "为什么停（会记下来）",
  ended: ({ proxy, principal }) => `停掉了：${proxy}不能再替${principal}办。`,
};
