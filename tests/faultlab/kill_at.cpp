// SPDX-License-Identifier: Apache-2.0
// kill_at N all|changes FILE PROGRAM ARGUMENT...
// Runs a program and kills it, all its threads at once, where it is about to make its N-th
// system call (0: never); `changes` counts only those that leave something on a disk or a wire.
// How many it made stands in FILE afterwards. SIGTERM is passed on.
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

namespace {

pid_t child = 0;

void pass_on(int number) { ::kill(child, number); }

bool is_change(std::uint64_t call) {
    static const std::set<std::uint64_t> changes{
        SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev, SYS_fsync, SYS_fdatasync,
        SYS_ftruncate, SYS_fallocate, SYS_openat, SYS_unlinkat, SYS_renameat, SYS_renameat2,
        SYS_mkdirat, SYS_sendto, SYS_sendmsg,
#ifdef __x86_64__
        SYS_open, SYS_unlink, SYS_rename, SYS_mkdir,
#endif
    };
    return changes.contains(call);
}

/// Of the stopped thread; nothing but an entry counts.
bool enters(pid_t thread, bool changes_only) {
    __ptrace_syscall_info info{};
    const auto size = reinterpret_cast<void*>(sizeof info);
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, size, &info) <= 0) return false;
    return info.op == PTRACE_SYSCALL_INFO_ENTRY && (!changes_only || is_change(info.entry.nr));
}

[[noreturn]] void run(char** words) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    ::execv(words[0], words);
    std::perror(words[0]);
    ::_exit(127);
}

/// Goes on with a stopped thread; says whether it was about to make a call that counts.
bool go_on(pid_t thread, int status, bool changes_only) {
    constexpr int of_a_call = SIGTRAP | 0x80;
    const int signal = WSTOPSIG(status);
    if (signal == of_a_call) {
        if (enters(thread, changes_only)) return true;
        ::ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);
        return false;
    }
    // A new thread begins stopped; the other stops of the tracing itself are no signals either.
    const bool is_ours = signal == SIGTRAP || signal == SIGSTOP;
    const long passed = is_ours ? 0 : signal;
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, reinterpret_cast<void*>(passed));
    return false;
}

int trace(std::uint64_t last, bool changes_only, std::uint64_t& calls) {
    int status = 0;
    ::waitpid(child, &status, 0);
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, reinterpret_cast<void*>(options));
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    for (;;) {
        const pid_t thread = ::waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == EINTR) continue;
        if (thread < 0) return 127;
        if (!WIFSTOPPED(status)) {
            if (thread != child) continue;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (!go_on(thread, status, changes_only)) continue;
        if (++calls == last) {
            ::kill(child, SIGKILL);
        } else {
            ::ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);
        }
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 5) {
        std::fputs("usage: kill_at N all|changes FILE PROGRAM ARGUMENT...\n", stderr);
        return 2;
    }
    const std::uint64_t last = std::strtoull(words[1], nullptr, 10);
    child = ::fork();
    if (child < 0) return 127;
    if (child == 0) run(words + 4);
    std::signal(SIGTERM, pass_on);
    std::uint64_t calls = 0;
    const int status = trace(last, std::strcmp(words[2], "changes") == 0, calls);
    std::FILE* const file = std::fopen(words[3], "w");
    if (file == nullptr) return 127;
    std::fprintf(file, "%llu\n", static_cast<unsigned long long>(calls));
    std::fclose(file);
    return status;
}
