#include <fcntl.h>
#include <napi.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "entries.h"

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#else
#include <util.h>
#endif

// Makes the descriptors that the tests wait for, and changes them. Every function throws an Error
// with the errno in its message when the system call fails: no test expects that.
namespace {

int Check(Napi::Env env, int result, const char* call) {
  if (result < 0) {
    const std::string message = std::string(call) + ": errno " + std::to_string(errno);
    Napi::Error::New(env, message).ThrowAsJavaScriptException();
  }
  return result;
}

Napi::Value Pair(Napi::Env env, const int (&fds)[2]) {
  Napi::Array pair = Napi::Array::New(env, 2);
  for (uint32_t i = 0; i < 2; ++i) {
    fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK);
    fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    pair.Set(i, fds[i]);
  }
  return pair;
}

int Int(const Napi::CallbackInfo& info, size_t index) {
  return info[index].As<Napi::Number>().Int32Value();
}

// (): [reading end, writing end], non-blocking
Napi::Value Pipe(const Napi::CallbackInfo& info) {
  int fds[2] = {-1, -1};
  Check(info.Env(), pipe(fds), "pipe");
  return Pair(info.Env(), fds);
}

// (stream: boolean): both ends of a Unix socket pair, non-blocking
Napi::Value SocketPair(const Napi::CallbackInfo& info) {
  int fds[2] = {-1, -1};
  const int type = info[0].ToBoolean() ? SOCK_STREAM : SOCK_DGRAM;
  Check(info.Env(), socketpair(AF_UNIX, type, 0, fds), "socketpair");
  return Pair(info.Env(), fds);
}

// Fills in both ends of a new TCP connection over the loopback interface: 0, or -1 with errno.
int ConnectLoopback(int listener, int (&fds)[2]) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, name, length) < 0 || listen(listener, 1) < 0) return -1;
  if (getsockname(listener, name, &length) < 0) return -1;
  fds[0] = socket(AF_INET, SOCK_STREAM, 0);
  if (fds[0] < 0 || connect(fds[0], name, length) < 0) return -1;
  fds[1] = accept(listener, nullptr, nullptr);
  return fds[1] < 0 ? -1 : 0;
}

// (): both ends of a TCP connection, non-blocking
Napi::Value TcpPair(const Napi::CallbackInfo& info) {
  int fds[2] = {-1, -1};
  const int listener = Check(info.Env(), socket(AF_INET, SOCK_STREAM, 0), "socket");
  Check(info.Env(), ConnectLoopback(listener, fds), "connect");
  close(listener);
  return Pair(info.Env(), fds);
}

// (raw: boolean): [master, slave], non-blocking; bytes pass a raw one unchanged
Napi::Value Pty(const Napi::CallbackInfo& info) {
  int fds[2] = {-1, -1};
  Check(info.Env(), openpty(&fds[0], &fds[1], nullptr, nullptr, nullptr), "openpty");
  if (info[0].ToBoolean()) {
    termios mode{};
    Check(info.Env(), tcgetattr(fds[1], &mode), "tcgetattr");
    cfmakeraw(&mode);
    Check(info.Env(), tcsetattr(fds[1], TCSANOW, &mode), "tcsetattr");
  }
  return Pair(info.Env(), fds);
}

Napi::Value Dup(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           Check(info.Env(), fcntl(Int(info, 0), F_DUPFD_CLOEXEC, 0), "dup"));
}

// (fd, least): a duplicate whose number is at least `least`
Napi::Value DupAbove(const Napi::CallbackInfo& info) {
  const int duplicate = fcntl(Int(info, 0), F_DUPFD_CLOEXEC, Int(info, 1));
  return Napi::Number::New(info.Env(), Check(info.Env(), duplicate, "dup"));
}

Napi::Value Dup2(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Check(info.Env(), dup2(Int(info, 0), Int(info, 1)), "dup2"));
}

// (path, flags, mode): a descriptor, or a negated errno
Napi::Value Open(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>();
  const int fd = open(path.c_str(), Int(info, 1) | O_CLOEXEC, Int(info, 2));
  return Napi::Number::New(info.Env(), fd < 0 ? -errno : fd);
}

// Behind the back of iomux, as the owner of the descriptor may do.
Napi::Value Close(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Check(info.Env(), close(Int(info, 0)), "close"));
}

// (fd): { nonBlocking, closeOnExec }
Napi::Value Flags(const Napi::CallbackInfo& info) {
  Napi::Object flags = Napi::Object::New(info.Env());
  const int status = Check(info.Env(), fcntl(Int(info, 0), F_GETFL), "fcntl");
  const int descriptor = Check(info.Env(), fcntl(Int(info, 0), F_GETFD), "fcntl");
  flags.Set("nonBlocking", (status & O_NONBLOCK) != 0);
  flags.Set("closeOnExec", (descriptor & FD_CLOEXEC) != 0);
  return flags;
}

// (fd, blocking): changes the mode of the open file
Napi::Value SetBlocking(const Napi::CallbackInfo& info) {
  const int flags = Check(info.Env(), fcntl(Int(info, 0), F_GETFL), "fcntl");
  const int wanted = info[1].ToBoolean() ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  return Napi::Number::New(info.Env(),
                           Check(info.Env(), fcntl(Int(info, 0), F_SETFL, wanted), "fcntl"));
}

// (fd): sends one byte of urgent data
Napi::Value SendUrgent(const Napi::CallbackInfo& info) {
  const auto sent = static_cast<int>(send(Int(info, 0), "!", 1, MSG_OOB));
  return Napi::Number::New(info.Env(), Check(info.Env(), sent, "send"));
}

// (fd, how): 0 no more reads, 1 no more writes, 2 both
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           Check(info.Env(), shutdown(Int(info, 0), Int(info, 1)), "shutdown"));
}

// (fd): closing it resets the connection
Napi::Value ResetOnClose(const Napi::CallbackInfo& info) {
  const linger option = {1, 0};
  const int result = setsockopt(Int(info, 0), SOL_SOCKET, SO_LINGER, &option, sizeof option);
  return Napi::Number::New(info.Env(), Check(info.Env(), result, "setsockopt"));
}

// (fd, send: boolean, bytes): sets SO_SNDBUF or SO_RCVBUF
Napi::Value SetBuffer(const Napi::CallbackInfo& info) {
  const int bytes = Int(info, 2);
  const int name = info[1].ToBoolean() ? SO_SNDBUF : SO_RCVBUF;
  const int result = setsockopt(Int(info, 0), SOL_SOCKET, name, &bytes, sizeof bytes);
  return Napi::Number::New(info.Env(), Check(info.Env(), result, "setsockopt"));
}

// (soft limit): sets it, and returns the one before
Napi::Value LimitDescriptors(const Napi::CallbackInfo& info) {
  rlimit limit;
  Check(info.Env(), getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  const double before = static_cast<double>(limit.rlim_cur);
  limit.rlim_cur = static_cast<rlim_t>(info[0].As<Napi::Number>().Int64Value());
  Check(info.Env(), setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  return Napi::Number::New(info.Env(), before);
}

// (milliseconds): sends SIGALRM to the process at this interval; 0 ends that
Napi::Value InterruptEvery(const Napi::CallbackInfo& info) {
  itimerval timer{};
  timer.it_interval.tv_usec = static_cast<suseconds_t>(Int(info, 0) * 1000);
  timer.it_value = timer.it_interval;
  const int result = setitimer(ITIMER_REAL, &timer, nullptr);
  return Napi::Number::New(info.Env(), Check(info.Env(), result, "setitimer"));
}

#ifdef __linux__
struct Call {
  const char* name;
  uint32_t number;
};
// The first three have the same number on every architecture, which older headers lack.
constexpr Call kCalls[] = {
    {"epoll_pwait2", 441},
    {"clone3", 435},
    {"pidfd_open", 434},
    {"clone", SYS_clone},
    {"inotify_init1", SYS_inotify_init1},
    {"timerfd_create", SYS_timerfd_create},
    {"splice", SYS_splice},
    {"sendfile", SYS_sendfile},
    {"sendmmsg", SYS_sendmmsg},
    {"epoll_create1", SYS_epoll_create1},
};

// (name of a system call, errno): from now on it fails in this thread, and in what it starts
Napi::Value Refuse(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  for (const Call& call : kCalls) {
    if (name != call.name) continue;
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call.number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(Int(info, 1))),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program = {sizeof code / sizeof code[0], code};
    Check(info.Env(), prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
    Check(info.Env(), prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "prctl");
    return info.Env().Undefined();
  }
  Napi::Error::New(info.Env(), "no such call: " + name).ThrowAsJavaScriptException();
  return info.Env().Undefined();
}
#endif

// Starts counting the calls from C++ into JavaScript; false if this engine has no counter.
Napi::Value WatchEntries(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), entries::Watch());
}

// (): the calls that were counted so far
Napi::Value Entries(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(entries::count));
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("pipe", Napi::Function::New<Pipe>(env));
  exports.Set("socketPair", Napi::Function::New<SocketPair>(env));
  exports.Set("tcpPair", Napi::Function::New<TcpPair>(env));
  exports.Set("pty", Napi::Function::New<Pty>(env));
  exports.Set("dup", Napi::Function::New<Dup>(env));
  exports.Set("dupAbove", Napi::Function::New<DupAbove>(env));
  exports.Set("dup2", Napi::Function::New<Dup2>(env));
  exports.Set("open", Napi::Function::New<Open>(env));
  exports.Set("close", Napi::Function::New<Close>(env));
  exports.Set("flags", Napi::Function::New<Flags>(env));
  exports.Set("setBlocking", Napi::Function::New<SetBlocking>(env));
  exports.Set("sendUrgent", Napi::Function::New<SendUrgent>(env));
  exports.Set("shutdown", Napi::Function::New<Shutdown>(env));
  exports.Set("resetOnClose", Napi::Function::New<ResetOnClose>(env));
  exports.Set("setBuffer", Napi::Function::New<SetBuffer>(env));
  exports.Set("limitDescriptors", Napi::Function::New<LimitDescriptors>(env));
  exports.Set("interruptEvery", Napi::Function::New<InterruptEvery>(env));
#ifdef __linux__
  exports.Set("refuse", Napi::Function::New<Refuse>(env));
#endif
  exports.Set("watchEntries", Napi::Function::New<WatchEntries>(env));
  exports.Set("entries", Napi::Function::New<Entries>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Initialize)
