// SPDX-License-Identifier: Apache-2.0
// That there were records here once. Where a browser clears a page's storage to make room, all of it
// goes at once but for the cookies; and this one says nothing that its server does not know.

const days = 400; // the most that browsers grant
const nameOf = (database: string): string => `trellis-${encodeURIComponent(database)}`;

export function isMarked(database: string): boolean {
    return document.cookie.split('; ').some((one) => one === `${nameOf(database)}=1`);
}

export function mark(database: string): void {
    document.cookie = `${nameOf(database)}=1; Max-Age=${days * 86_400}; Path=/; SameSite=Strict`;
}

export function unmark(database: string): void {
    document.cookie = `${nameOf(database)}=; Max-Age=0; Path=/; SameSite=Strict`;
}
