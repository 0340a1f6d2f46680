// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/ops.hpp"

#include <algorithm>

namespace trellis::laws {
namespace {

/// The author of one event, as an honest program would be but for deed.names.
struct Author {
    const Spec& spec;
    std::size_t e;

    [[nodiscard]] std::vector<Dot> named(const Deed& deed) const {
        const auto slot = Spec::take_slot(deed);
        if (!slot || deed.names == Names::none) return {};
        const auto& story = spec.story();
        const auto live = spec.live(story.event(e).past, *slot);
        std::vector<Dot> dots;
        for (std::size_t p = 0; p < e; ++p) {
            if (live[p]) dots.push_back(story.dot(p));
        }
        std::sort(dots.begin(), dots.end());
        if (deed.names == Names::oldest && dots.size() > 1) dots.resize(1);
        return dots;
    }

    [[nodiscard]] core::Write write(const Act& act) const {
        core::Write write{spec.creates(e), {}};
        for (const auto& deed : act) {
            const auto value = value_of(deed.what);
            if (deed.verb == Verb::assign) {
                write.fields.push_back({deed.field, core::Assign{named(deed), value}});
            } else if (deed.verb == Verb::increment) {
                write.fields.push_back({deed.field, core::Increment{deed.what}});
            } else {
                auto& edit = set_edit(write, deed.field);
                if (deed.verb == Verb::add) edit.add.push_back(value);
                if (deed.verb == Verb::remove) edit.remove.push_back({value, named(deed)});
            }
        }
        return write;
    }

private:
    /// An act's edits of one set are one edit; their values stand in ascending order.
    static core::EditSet& set_edit(core::Write& write, core::FieldId field) {
        const bool is_begun = !write.fields.empty() && write.fields.back().field == field &&
                              std::holds_alternative<core::EditSet>(write.fields.back().action);
        if (!is_begun) write.fields.push_back({field, core::EditSet{}});
        return std::get<core::EditSet>(write.fields.back().action);
    }
};

}  // namespace

core::Op op_of(const Spec& spec, std::size_t e) {
    const Author author{spec, e};
    const auto& act = spec.story().act(e);
    const auto& deed = act.front();
    core::Op op;
    op.type = 1;
    const auto level = static_cast<std::uint32_t>(deed.what);
    switch (deed.verb) {
        case Verb::append: op.action = core::Append{deed.field, {}}; break;
        case Verb::raise: op.action = core::Raise{deed.field, level}; break;
        case Verb::advance: {
            const auto target = spec.target(e, deed);
            const auto token = target ? spec.story().dot(*target) : Dot{};
            op.action = core::Advance{deed.field, token, level};
            break;
        }
        case Verb::close:
            op.action = core::CloseTokens{deed.field, author.named(deed), "seen"};
            break;
        case Verb::erase:
            op.action = core::Delete{spec.writes(spec.story().event(e).past), "gone"};
            break;
        case Verb::restore: op.action = core::Restore{author.named(deed)}; break;
        case Verb::link:
        case Verb::unlink: {
            // Either of the two may be the record that is edited.
            auto [record, other] = pair_of(deed.what);
            if (spec.story().dot(e).counter % 2 == 0) std::swap(record, other);
            op.record = record;
            if (deed.verb == Verb::link) {
                op.action = core::Link{other};
            } else {
                op.action = core::Unlink{other, author.named(deed)};
            }
            break;
        }
        case Verb::unknown: op.action = core::UnknownOp{200, {1, 2, 3}}; break;
        default: op.action = author.write(act); break;
    }
    return op;
}

}  // namespace trellis::laws
