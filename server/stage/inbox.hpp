// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/check.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace trellis::server {

/// A bounded queue between threads: any number of givers and takers. What was accepted before
/// close() is still taken after it, so that a stage runs dry before it stops.
template <class T>
class Inbox {
public:
    /// Requires: items_max > 0.
    explicit Inbox(std::size_t items_max) : items_max_(items_max) { TRELLIS_CHECK(items_max > 0); }
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    /// False, and `item` untouched, where the inbox is full or closed.
    [[nodiscard]] bool offer(T& item) {
        {
            const std::lock_guard lock(mutex_);
            if (is_closed_ || items_.size() >= items_max_) return false;
            items_.push_back(std::move(item));
        }
        filled_.notify_one();
        return true;
    }

    /// Waits for one item; nothing once the inbox is closed and dry.
    [[nodiscard]] std::optional<T> take() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return is_closed_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        return item;
    }

    /// Waits until something is there, the inbox is closed or the time has passed; then takes
    /// the oldest items, at most `count_max`, without waiting for more.
    [[nodiscard]] std::vector<T> take_many(std::size_t count_max, std::chrono::milliseconds wait) {
        std::unique_lock lock(mutex_);
        filled_.wait_for(lock, wait, [this] { return is_closed_ || !items_.empty(); });
        std::vector<T> taken;
        while (!items_.empty() && taken.size() < count_max) {
            taken.push_back(std::move(items_.front()));
            items_.pop_front();
        }
        return taken;
    }

    /// Nothing is accepted any more; everyone who waits wakes up.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
        }
        filled_.notify_all();
    }

    /// True once nothing is left to take and nothing will come.
    [[nodiscard]] bool is_dry() const {
        const std::lock_guard lock(mutex_);
        return is_closed_ && items_.empty();
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<T> items_;
    std::size_t items_max_;
    bool is_closed_ = false;
};

}  // namespace trellis::server
