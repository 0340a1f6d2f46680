// SPDX-License-Identifier: Apache-2.0
// Bundles, which an untrusted courier may carry, and copies of the database.
#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "core/replica.hpp"

namespace trellis::core {
namespace {

constexpr std::string_view magic = "TRLB1";
constexpr std::size_t bundle_runs_max = limits::vector_actors_max;

void write_run(const crypto::EnvelopeRun& run, ByteWriter& out) {
    out.raw(run.device.view());
    out.raw(run.incarnation.view());
    out.u64(run.first);
    out.u32(static_cast<std::uint32_t>(run.envelopes.size()));
    for (const auto& envelope : run.envelopes) out.blob(envelope);
}

crypto::EnvelopeRun read_run(ByteReader& in) {
    crypto::EnvelopeRun run;
    run.device = in.id<DeviceId>();
    run.incarnation = in.id<Incarnation>();
    run.first = in.u64();
    if (run.first == 0 || run.first > limits::counter_max) in.fail();
    const std::uint32_t count = in.u32();
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
        run.envelopes.push_back(to_bytes(in.blob(limits::envelope_sealed_max +
                                                 crypto::envelope_overhead)));
    }
    return run;
}

}  // namespace

/// The envelopes that a holder of `have` lacks. The membership log to judge them by is not in
/// it: whoever takes the bundle in holds the log, or holds the envelopes back until it does.
Result<std::size_t> Replica::write_bundle(const SpaceId& id, const VersionVector& have,
                                          Bytes& bytes) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    TRELLIS_TRY(const auto own, own_actor(space));
    // Where no relay can be asked, work goes on all the same.
    auto sealed = seal_space(space, own, Doubt::left);
    if (!sealed && sealed.error().code != Code::denied) return std::move(sealed).error();
    ByteWriter runs;
    std::uint32_t run_count = 0;
    std::size_t envelopes = 0;
    for (const auto& actor : store_->actors.all()) {
        if (actor.index == 0 || actor.space != space.index) continue;
        const Counter known_there = have.counter(actor.id);
        if (actor.last <= known_there) continue;
        TRELLIS_TRY(const auto more, sealed_.runs(actor.index, known_there, SIZE_MAX));
        for (const auto& run : more) {
            write_run(run, runs);
            ++run_count;
            envelopes += run.envelopes.size();
        }
    }
    ByteWriter out;
    out.raw(as_bytes(magic));
    out.raw(org().view());
    out.raw(id.view());
    out.u32(run_count);
    out.raw(runs.view());
    bytes = out.take();
    return envelopes;
}

Result<Received> Replica::apply_bundle(ByteView bundle) {
    ByteReader in(bundle);
    if (!equal(in.raw(magic.size()), as_bytes(magic))) {
        return Error{Code::invalid, "this file is not a bundle"};
    }
    const auto of_org = in.id<OrgId>();
    const auto space = in.id<SpaceId>();
    const std::uint32_t count = in.u32();
    if (count > bundle_runs_max) return Error{Code::too_large, "the bundle names too many devices"};
    std::vector<crypto::EnvelopeRun> runs;
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i) runs.push_back(read_run(in));
    TRELLIS_DO(in.finish("the bundle"));
    if (!has_org() || of_org != org()) {
        return Error{Code::denied, "the bundle belongs to another organisation"};
    }
    TRELLIS_TRY(const auto* known, known_space(space));
    const SpaceState state = *known;
    TRELLIS_TRY(const auto news, news_in(state, runs));
    return take_in(state, runs, Source::courier, [&](Receiver::Outcome& outcome) -> Result<void> {
        for (const auto& end : news) TRELLIS_DO(lacked_.note(state.index, end));
        return compare_all(store_->spaces.at(state.index), outcome);
    });
}

Result<void> Replica::backup(const std::string& path) {
    // A copy that is opened elsewhere must find nothing that only this incarnation may seal.
    TRELLIS_TRY(const auto sealed, seal());
    static_cast<void>(sealed);
    return store_->database.copy_to(path);
}

}  // namespace trellis::core
