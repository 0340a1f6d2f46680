// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/recovery_page.hpp"

#include "clients/cli/qr.hpp"
#include "clients/cli/terminal.hpp"
#include "crypto/secret/recovery.hpp"

namespace trellis::clients {
namespace {

constexpr std::string_view title = "TRELLIS-RECOVERY-";

constexpr std::string_view head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\"><title>Recovery sheets</title>\n<style>\n"
    "body{font-family:serif;margin:0;color:#000;background:#fff}\n"
    "section{page-break-after:always;break-after:page;padding:15mm;max-width:170mm}\n"
    "section:last-child{page-break-after:auto;break-after:auto}\n"
    "pre{font:13pt/1.5 monospace;white-space:pre}\n"
    ".code{width:60mm;height:60mm;display:block}\n"
    "</style></head><body>\n";

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : tame(text)) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            case '\'': safe += "&#39;"; break;
            default: safe += c;
        }
    }
    return safe;
}

/// The same, line by line.
std::string escaped_lines(std::string_view text) {
    std::string safe;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        safe += escaped(text.substr(0, end)) + "\n";
        text.remove_prefix(end + 1);
    }
    return safe + escaped(text);
}

/// A sheet on one line: what a camera gives is what a person would type.
std::string on_one_line(std::string_view sheet) {
    std::string line;
    for (const char c : sheet) line += c == '\n' ? ' ' : c;
    return line;
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    return std::string(text);
}

}  // namespace

Result<std::string> recovery_page(std::string_view org_name,
                                  const std::vector<std::string>& sheets) {
    // A sheet that does not work is better noticed before the others are put away.
    TRELLIS_TRY(const auto seed, crypto::combine_sheets(sheets));
    std::string page(head);
    for (const auto& sheet : sheets) {
        TRELLIS_TRY(const auto code, make_qr(on_one_line(sheet)));
        page += "<section><h1>Recovery sheet</h1><p><b>" + escaped(org_name) + "</b></p>\n"
                "<p>Organisation " + seed.org.hex().substr(0, 16) + "</p>\n"
                "<p>Keep this sheet on paper, apart from the others: whoever has enough of them "
                "reads every record of the organisation. Do not photograph or copy it. It is "
                "needed only when no administrator's device is left.</p>\n<pre>" +
                escaped_lines(trimmed(sheet)) + "</pre>\n" + svg(code) + "</section>\n";
    }
    return page + "</body></html>\n";
}

std::vector<std::string> split_sheets(std::string_view text) {
    std::vector<std::string> sheets;
    for (auto at = text.find(title); at != std::string_view::npos;) {
        const auto next = text.find(title, at + title.size());
        const auto size = next == std::string_view::npos ? text.size() - at : next - at;
        sheets.push_back(trimmed(text.substr(at, size)));
        at = next;
    }
    return sheets;
}

}  // namespace trellis::clients
