// SPDX-License-Identifier: Apache-2.0
#include "clients/verbs/family_page.hpp"

#include "core/base/stamp.hpp"
#include "core/record/value.hpp"

namespace trellis::clients {
namespace {

constexpr std::string_view head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\"><title>A family's record</title>\n<style>\n"
    "body{font-family:serif;margin:15mm;max-width:180mm;color:#000;background:#fff}\n"
    "section{border-top:1px solid #000;break-inside:avoid;margin-top:5mm}\n"
    "th{text-align:start;vertical-align:top;padding-inline-end:5mm}\n"
    "td{white-space:pre-wrap;overflow-wrap:anywhere}\n.id{font:8pt monospace}\n"
    "</style></head><body>\n";

/// Nothing in a text can end it, and no control character changes what stands around it.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            case '\'': safe += "&#39;"; break;
            default:
                if ((byte >= 0x20 && byte != 0x7F) || c == '\n') safe += c;
        }
    }
    return safe;
}

std::string text_at(const Json& json, std::string_view name) {
    const auto* text = json[name].string();
    return text == nullptr ? "" : *text;
}

std::string value_text(const Json& value) {
    if (const auto* text = value.string()) return *text;
    if (const auto* list = value.array()) {
        std::string text;
        for (const auto& each : *list) text += (text.empty() ? "" : "\n") + value_text(each);
        return text;
    }
    return print_json(value);
}

/// Minutes, UTC.
std::string when_text(const Json& at) {
    const auto* time = at.integer();
    if (time == nullptr) return "";
    constexpr std::int64_t minute_ms = 60'000;
    constexpr std::int64_t day_min = 24 * 60;
    auto minutes = *time / minute_ms - (*time % minute_ms < 0 ? 1 : 0);
    auto days = minutes / day_min;
    minutes %= day_min;
    if (minutes < 0) {
        minutes += day_min;
        --days;
    }
    const auto two = [](std::int64_t number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return core::to_string(core::Date{static_cast<std::int32_t>(days)}) + " " +
           two(minutes / 60) + ":" + two(minutes % 60) + " UTC";
}

class Page {
public:
    explicit Page(const Json& document) : document_(document), page_(head) {}

    std::string make() {
        page_ += "<h1>A family's record</h1>\n<p class=\"id\">" +
                 escaped(text_at(document_, "root")) + "</p>\n<h2>Gathered from</h2>\n<ul>\n";
        for (const auto& space : *document_["spaces"].array()) {
            page_ += "<li><bdi>" + escaped(text_at(space, "name")) + "</bdi>, " +
                     print_json(space["records"]) + " records</li>\n";
        }
        page_ += "</ul>\n";
        for (const auto& sign : *document_["restricted"].array()) {
            page_ += "<p>Something is restricted. Ask: <bdi>" +
                     escaped(value_text(sign["ask"])) + "</bdi></p>\n";
        }
        for (const auto& record : *document_["records"].array()) add_record(record);
        return page_ + "</body></html>\n";
    }

private:
    void row(std::string_view name, const std::string& text) {
        page_ += "<tr><th>" + escaped(name) + "</th><td dir=\"auto\">" + escaped(text) +
                 "</td></tr>\n";
    }
    std::string by(const Json& said) const {
        const auto device = text_at(said, "device");
        const auto* name = document_["devices"][device].string();
        return (name == nullptr ? device : *name) + ", " + when_text(said["at"]);
    }
    void add_record(const Json& record) {
        page_ += "<section><h2>" + escaped(text_at(record, "type")) + "</h2>\n<p class=\"id\">" +
                 escaped(text_at(record, "rec")) + "</p>\n";
        if (record.has("names_others")) {
            page_ += "<p>Names people outside this record: look through it before it is handed "
                     "out.</p>\n";
        }
        page_ += "<table>\n";
        for (const auto& [name, value] : *record["fields"].object()) row(name, value_text(value));
        for (const auto& [name, values] : *record["conflicts"].object()) {
            for (const auto& each : *values.array()) {
                row(name + ", said", value_text(each["value"]) + "\n" + by(each));
            }
        }
        if (record.has("deletions")) {
            for (const auto& each : *record["deletions"].array()) {
                row("deleted", text_at(each, "reason") + "\n" + by(each));
            }
        }
        for (const auto& change : *record["history"].array()) {
            std::string ops;
            for (const auto& op : *change["ops"].array()) {
                ops += (ops.empty() ? "" : ", ") + text_at(op, "op");
            }
            row("written", ops + ": " + by(change));
        }
        page_ += "</table></section>\n";
    }

    const Json& document_;
    std::string page_;
};

}  // namespace

std::string family_page(const Json& document) { return Page(document).make(); }

}  // namespace trellis::clients
