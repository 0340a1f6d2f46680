// SPDX-License-Identifier: Apache-2.0
#include "server/stage/inbox.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <thread>

using std::chrono::milliseconds;
using trellis::server::Inbox;

TEST_CASE("a full inbox refuses and leaves the item alone", "[server]") {
    Inbox<std::string> inbox(2);
    std::string one = "one";
    std::string two = "two";
    std::string three = "three";
    CHECK(inbox.offer(one));
    CHECK(inbox.offer(two));
    CHECK_FALSE(inbox.offer(three));
    CHECK(three == "three");
    CHECK(inbox.size() == 2);
    CHECK(*inbox.take() == "one");
    CHECK(inbox.offer(three));
}

TEST_CASE("a closed inbox is emptied first, then dry", "[server]") {
    Inbox<int> inbox(4);
    int item = 7;
    CHECK(inbox.offer(item));
    inbox.close();
    CHECK_FALSE(inbox.offer(item));
    CHECK_FALSE(inbox.is_dry());
    CHECK(inbox.take_many(10, milliseconds(60'000)) == std::vector<int>{7});
    CHECK(inbox.is_dry());
    CHECK_FALSE(inbox.take());
    CHECK(inbox.take_many(10, milliseconds(60'000)).empty());
}

TEST_CASE("many are taken at once, in order and not more than asked for", "[server]") {
    Inbox<int> inbox(10);
    for (int item = 0; item < 5; ++item)
        REQUIRE(inbox.offer(item));
    CHECK(inbox.take_many(3, milliseconds(0)) == std::vector<int>{0, 1, 2});
    CHECK(inbox.take_many(3, milliseconds(0)) == std::vector<int>{3, 4});
    CHECK(inbox.take_many(3, milliseconds(0)).empty());
}

TEST_CASE("nothing is lost or doubled between many givers and takers", "[server]") {
    constexpr int givers = 4;
    constexpr int each = 2'000;
    Inbox<int> inbox(8);
    std::vector<std::vector<int>> taken(2);
    std::vector<std::thread> threads;
    for (auto& mine : taken) {
        threads.emplace_back([&inbox, &mine] {
            while (auto item = inbox.take())
                mine.push_back(*item);
        });
    }
    std::vector<std::thread> giving;
    for (int giver = 0; giver < givers; ++giver) {
        giving.emplace_back([&inbox, giver] {
            for (int at = 0; at < each; ++at) {
                int item = giver * each + at;
                while (!inbox.offer(item))
                    std::this_thread::yield();
            }
        });
    }
    for (auto& thread : giving)
        thread.join();
    inbox.close();
    for (auto& thread : threads)
        thread.join();
    std::vector<int> all = taken[0];
    all.insert(all.end(), taken[1].begin(), taken[1].end());
    std::sort(all.begin(), all.end());
    std::vector<int> expected(givers * each);
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(all == expected);
}
