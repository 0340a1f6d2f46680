// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/wire/samples.hpp"

#include "core/base/limits.hpp"

namespace trellis::test {
namespace {

using namespace sync;

const auto device = counting<DeviceId>(0x10);
const auto incarnation = counting<Incarnation>(0x20);
const auto space = counting<SpaceId>(0x30);
const auto log_incarnation = counting<LogIncarnation>(0x40);
const auto digest = counting<Digest>(0x50);
const auto inbox = counting<crypto::InboxId>(0xA0);
const auto brief = counting<ShortDigest>(0x70);

crypto::EnvelopeRun run(bool own, std::size_t envelopes) {
    crypto::EnvelopeRun result;
    if (!own) {
        result.device = device;
        result.incarnation = incarnation;
    }
    result.first = 0x0102030405;
    for (std::size_t i = 0; i < envelopes; ++i) {
        result.envelopes.push_back(counting_bytes(3 + i, static_cast<std::uint8_t>(0x80 + i)));
    }
    return result;
}

ChainHead chain_head(Counter last) {
    return {device, incarnation, last, brief};
}

void add_log_samples(std::vector<Sample>& all) {
    all.push_back(
        {"get_entries", "entries of the membership log from 258 on", GetEntries{.from = 0x0102}});
    all.push_back(
        {"entries",
         "two entries, and there are more",
         Entries{
             .from = 7, .entries = {counting_bytes(4, 1), counting_bytes(2, 9)}, .more = true}});
    all.push_back({"entries_none",
                   "nothing from there on",
                   Entries{.from = 9, .entries = {}, .more = false}});
    all.push_back({"put_entry", "an entry to append", PutEntry{.entry = counting_bytes(5, 1)}});
    all.push_back({"entry_answer",
                   "somebody else was first",
                   EntryAnswer{.accepted = false,
                               .code = Code::conflict,
                               .message = "read again",
                               .log_length = 12,
                               .log_head = digest}});
    all.push_back(
        {"entry_news", "the log has grown", EntryNews{.log_length = 13, .log_head = digest}});
}

void add_open_samples(std::vector<Sample>& all) {
    all.push_back({"open",
                   "a space, from a place in its log",
                   Open{.space = space,
                        .incarnation = log_incarnation,
                        .position = 0x0102030405060708,
                        .head = brief,
                        .own = incarnation,
                        .follow = true}});
    all.push_back({"opened",
                   "the place is known",
                   Opened{.channel = 0x0102,
                          .known = true,
                          .incarnation = log_incarnation,
                          .position = 300,
                          .head = brief,
                          .own_last = limits::counter_max,
                          .own_chain = brief}});
    all.push_back({"open_refused",
                   "no right in the space",
                   OpenRefused{.space = space, .code = Code::denied, .message = "no"}});
    all.push_back({"credit", "65,536 bytes more", Credit{.bytes = 65'536}});
}

void add_log_page_samples(std::vector<Sample>& all) {
    Deliver deliver{.channel = 1,
                    .repair = false,
                    .last = true,
                    .from = 10,
                    .to = 13,
                    .head = digest,
                    .runs = {run(false, 2), run(true, 1)}};
    all.push_back(
        {"deliver", "three envelopes in two runs, the second is the reader's own", deliver});
    deliver.head = {};
    all.push_back({"deliver_no_head", "the same without the rolling hash", deliver});
    deliver.repair = true;
    deliver.to = deliver.from;
    deliver.head = digest;
    all.push_back({"deliver_repair", "the last page of a repair", deliver});
    deliver.runs.clear();
    deliver.repair = false;
    all.push_back({"deliver_empty", "caught up, nothing new", deliver});
    all.push_back({"push", "somebody's run", Push{.channel = 2, .runs = {run(false, 2)}}});
    all.push_back({"push_own", "the device's own run", Push{.channel = 2, .runs = {run(true, 1)}}});
    all.push_back({"stored",
                   "somebody's chain is stored",
                   Stored{.channel = 2,
                          .device = device,
                          .incarnation = incarnation,
                          .last = 77,
                          .position = 500}});
    all.push_back(
        {"stored_own",
         "the device's own chain is stored",
         Stored{.channel = 2, .device = {}, .incarnation = {}, .last = 77, .position = 500}});
    all.push_back({"need",
                   "push from 5 on",
                   Need{.channel = 2, .device = device, .incarnation = incarnation, .from = 5}});
    all.push_back({"push_refused",
                   "another envelope stands there",
                   PushRefused{.channel = 2,
                               .device = device,
                               .incarnation = incarnation,
                               .first = 5,
                               .code = Code::fork,
                               .message = "m\xC3\xA9moire"}});
}

void add_inbox_samples(std::vector<Sample>& all) {
    all.push_back({"get_submissions",
                   "what was dropped into an inbox after number 6",
                   GetSubmissions{.channel = 3, .inbox = inbox, .after = 6}});
    all.push_back({"submissions",
                   "one submission, one that another device files, and there are more",
                   Submissions{.channel = 3,
                               .inbox = inbox,
                               .more = true,
                               .items = {{7, 1'779'998'400'000, counting_bytes(4, 1)},
                                         {8, 1'779'998'400'000, {}}}}});
    all.push_back({"submissions_none",
                   "nothing after that number",
                   Submissions{.channel = 3, .inbox = inbox, .more = false, .items = {}}});
    all.push_back({"submission_news",
                   "something was dropped in",
                   SubmissionNews{.channel = 3, .inbox = inbox}});
    all.push_back({"filed",
                   "a submission has become a record that the relay holds",
                   Filed{.channel = 3, .inbox = inbox, .submissions = {digest}}});
}

}  // namespace

Bytes counting_bytes(std::size_t size, std::uint8_t first) {
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = first++;
    return bytes;
}

std::vector<Sample> frame_samples() {
    std::vector<Sample> all;
    all.push_back(
        {"bye", "the conversation ends", Bye{.code = Code::timeout, .message = "too slow"}});
    all.push_back({"ping", "a question", Ping{.token = 0x1122334455667788}});
    all.push_back({"pong", "its answer", Pong{.token = 0x1122334455667788}});
    all.push_back({"welcome",
                   "the proof was accepted",
                   Welcome{.time = 1'780'000'000'000,
                           .log_length = 12,
                           .log_head = digest,
                           .push_window = 1'048'576}});
    add_log_samples(all);
    add_open_samples(all);
    add_log_page_samples(all);
    all.push_back({"vector",
                   "two chains, and there are more",
                   Vector{.channel = 3, .heads = {chain_head(1), chain_head(2)}, .more = true}});
    all.push_back(
        {"want", "the relay lacks what follows 9", Want{.channel = 3, .heads = {chain_head(9)}}});
    all.push_back({"seen",
                   "a device has opened everything up to 42",
                   Seen{.channel = 3,
                        .device = device,
                        .incarnation = log_incarnation,
                        .position = 42,
                        .head = digest,
                        .signature = counting<crypto::Signature>(0x90)}});
    all.push_back({"get_receipt", "where does the space's log end?", GetReceipt{.channel = 3}});
    all.push_back({"receipt",
                   "the relay's signed word of where the logs end",
                   ReceiptIs{.channel = 3,
                             .receipt = {.space = {},
                                         .cursor = {log_incarnation, 42, digest},
                                         .log_length = 12,
                                         .log_head = digest,
                                         .time = 1'780'000'000'000,
                                         .signature = counting<crypto::Signature>(0x90)}}});
    add_inbox_samples(all);
    return all;
}

}  // namespace trellis::test
