/**
 * Video calls for the desk's pages (云导办). The page needs /call/call.css.
 *
 *   const { id } = await openCall(conversation);           // one tap: calls the resident of a chat
 *   const { close } = await mountCall(element, id, { left, photo, offices });
 *   const { open, ringing } = await callsNow();            // after each event `call_…` of /desk/api/live
 *   await decline(ringing[0].id);
 */
export { callsNow, decline, invite, mountCall, openCall } from "/call/staff.js";
