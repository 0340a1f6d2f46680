// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/pin_entry.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crypto/primitive/sodium.hpp"

namespace trellis::clients {
namespace {

using crypto::Pin;

constexpr std::size_t line_max = 1024;

/// One line, byte by byte: what stands behind it on standard input belongs to somebody else.
Result<Pin> read_line(int file) {
    crypto::SecretBytes<line_max> line;
    std::size_t size = 0;
    while (size < line_max) {
        std::uint8_t* const place = &line.span()[size];
        const auto got = ::read(file, place, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || *place == '\n') break;
        ++size;
    }
    return Pin::parse(line.view().first(size));
}

/// The terminal, silent while this lives.
class SilentTerminal {
public:
    SilentTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        is_silent_ = file_ >= 0 && ::tcgetattr(file_, &before_) == 0;
        if (!is_silent_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_silent_ = ::tcsetattr(file_, TCSAFLUSH, &silent) == 0;
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;
    ~SilentTerminal() {
        if (is_silent_) ::tcsetattr(file_, TCSAFLUSH, &before_);
        if (file_ >= 0) ::close(file_);
    }

    [[nodiscard]] bool is_silent() const { return is_silent_; }
    Result<Pin> ask(const std::string& prompt) const {
        say(prompt + ": ");
        auto pin = read_line(file_);
        say("\n");
        return pin;
    }

private:
    void say(const std::string& text) const {
        static_cast<void>(!::write(file_, text.data(), text.size()));
    }
    int file_;
    termios before_{};
    bool is_silent_ = false;
};

Result<Pin> from_file(const std::string& path) {
    if (path == "-") return read_line(STDIN_FILENO);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return Error{Code::not_found, "reading the PIN from " + path + ": " + std::strerror(errno)};
    }
    auto pin = read_line(file);
    ::close(file);
    return pin;
}

Error no_terminal() {
    return {Code::invalid, "there is no terminal to ask for the PIN: give it with --pin-file"};
}

}  // namespace

Result<Pin> ask_pin(const std::string& file, const std::string& prompt) {
    if (!file.empty()) return from_file(file);
    const SilentTerminal terminal;
    if (!terminal.is_silent()) return no_terminal();
    return terminal.ask(prompt);
}

Result<Pin> ask_new_pin(const std::string& file) {
    if (!file.empty()) return from_file(file);
    const SilentTerminal terminal;
    if (!terminal.is_silent()) return no_terminal();
    TRELLIS_TRY(auto pin, terminal.ask("New PIN, six digits or more, or a passphrase"));
    TRELLIS_TRY(const auto again, terminal.ask("The same again"));
    if (crypto::equal_in_constant_time(pin.view(), again.view())) return pin;
    return Error{Code::invalid, "the two do not match; nothing has changed"};
}

}  // namespace trellis::clients
