package org.alborz.cuda.natives;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Says what keeps CUDA from running, as far as files tell; what is worst comes first. */
public final class Diagnosis {
    private final Host host;
    private final FoundLibraries found;
    private final Remedies remedies;
    private final List<Problem> problems = new ArrayList<>();

    private Diagnosis(Host host, FoundLibraries found) {
        this.host = host;
        this.found = found;
        this.remedies = new Remedies(host);
    }

    /** Returns what is wrong; when there is nothing, loading may be tried. */
    public static List<Problem> of(Host host, FoundLibraries found, TemporaryFolder temporary) {
        Diagnosis diagnosis = new Diagnosis(host, found);
        if (!host.isSupported()) {
            return List.of(diagnosis.platform());
        }
        diagnosis.checkDriver();
        diagnosis.checkLibraries();
        diagnosis.checkTemporary(temporary);
        diagnosis.checkRest();
        return diagnosis.problems;
    }

    /** Returns what is wrong with the platform and the driver. */
    public static List<Problem> ofDriver(Host host, FoundLibraries found) {
        Diagnosis diagnosis = new Diagnosis(host, found);
        if (!host.isSupported()) {
            return List.of(diagnosis.platform());
        }
        diagnosis.checkDriver();
        return diagnosis.problems;
    }

    private Problem platform() {
        String platform = host.os() + " on " + host.arch();
        if (host.isLinux()) {
            return Problem.of(
                    "platform",
                    "JCuda has no natives for " + platform + ".",
                    "Use an x86_64 machine, or the backend cpu-vector.");
        }
        if (host.os().startsWith("Windows")) {
            return Problem.of(
                    "platform",
                    "Alborz runs CUDA on Linux only, and this is " + platform + ".",
                    "Run it within WSL 2, which reaches the GPU, or use the backend cpu-vector.");
        }
        return Problem.of("platform", "CUDA does not exist for " + platform + ".", "Use the backend cpu-vector.");
    }

    private void checkDriver() {
        if (found.driver().isEmpty()) {
            problems.add(noDriver());
        } else if (!found.driverNamed() && found.kernelModule().isEmpty() && !found.kernelDevice()) {
            problems.add(noKernelModule());
        }
    }

    private Problem noDriver() {
        String missing =
                LibrarySearch.DRIVER + " is in none of " + text(found.driverLocations()) + passedOver("libcuda.so");
        if (found.kernelModule().isPresent()) {
            return new Problem(
                    "driver-library",
                    "the NVIDIA kernel module " + found.kernelModule().get() + " is loaded, but " + missing + ".",
                    "In a container, start it with the NVIDIA Container Toolkit and the driver's compute capability."
                            + " Elsewhere, install the driver's user-space libraries or add their folder to LD_LIBRARY_PATH.",
                    List.of("docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ..."));
        }
        if (remedies.inContainer()) {
            return new Problem(
                    "driver",
                    "no NVIDIA driver in this container: " + missing + ".",
                    "On a host with an NVIDIA GPU and the NVIDIA Container Toolkit, hand the GPU to the container."
                            + " Otherwise, use the backend cpu-vector.",
                    List.of("docker run --gpus all ..."));
        }
        return new Problem(
                "driver",
                "no NVIDIA driver: " + missing + ".",
                "On a machine with an NVIDIA GPU, install the driver (https://www.nvidia.com/drivers) and restart."
                        + " Otherwise, use the backend cpu-vector.",
                remedies.installDriver());
    }

    private Problem noKernelModule() {
        String reason = "the driver's library is there ("
                + found.driver().orElseThrow().path() + "), but the NVIDIA kernel module is not loaded.";
        if (remedies.inContainer()) {
            return Problem.of(
                    "kernel-module",
                    reason,
                    "Hand the host's GPU to the container, which needs the NVIDIA Container Toolkit there.",
                    "docker run --gpus all ...");
        }
        return Problem.of(
                "kernel-module",
                reason,
                "Load the module; if that fails, the machine has no NVIDIA GPU, or the driver was not built for this kernel"
                        + " (then install it again), or Secure Boot forbids it.",
                "sudo modprobe nvidia");
    }

    private void checkLibraries() {
        List<String> missing = new ArrayList<>();
        if (found.cublas().isEmpty()) {
            missing.add("cuBLAS 12 or 13 (libcublas.so.12 with libcublasLt.so.12)");
        }
        if (found.cudnn().isEmpty()) {
            missing.add("cuDNN 9 (" + LibrarySearch.CUDNN + ")");
        }
        if (!missing.isEmpty()) {
            problems.add(new Problem(
                    "libraries",
                    String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are") + " missing, looked for in "
                            + text(found.libraryLocations()) + ", and in the nvidia packages of Python"
                            + passedOver("libcu") + ".",
                    "Install them into a Python on the PATH, from NVIDIA's repository, or from Maven Central; or name"
                            + " their folder by -D" + Host.LIBRARIES_PROPERTY + " or " + Host.LIBRARIES_VARIABLE + ".",
                    remedies.installLibraries(cuda())));
        }
        found.cudnn().filter(c -> !c.missing().isEmpty()).ifPresent(c -> problems.add(parts(c)));
    }

    private Problem parts(FoundLibraries.Cudnn cudnn) {
        return new Problem(
                "cudnn-parts",
                cudnn.main().path() + " needs " + String.join(", ", cudnn.missing())
                        + " beside it, and not all are there.",
                "cuDNN 9 is split into parts that have to be in one folder: install all of it, or take the wheels.",
                remedies.installLibraries(cuda()));
    }

    private int cuda() {
        return found.cublas().map(c -> c.main().major()).orElse(12);
    }

    private void checkTemporary(TemporaryFolder temporary) {
        if (!temporary.writable() || !temporary.executable()) {
            problems.add(Problem.of(
                    "temporary-folder",
                    "natives cannot be unpacked into " + temporary.path()
                            + (temporary.writable() ? ", which is mounted noexec." : ", which cannot be written to."),
                    "Choose another folder.",
                    "ALBORZ_JAVA_OPTS=-Djava.io.tmpdir="
                            + host.inHome("/.cache").orElse("/var/tmp") + " ./alborz ..."));
        }
    }

    private void checkRest() {
        if (remedies.usesMusl()) {
            problems.add(Problem.of(
                    "libc",
                    "this system's C library is musl, and NVIDIA's libraries need glibc.",
                    "Use an image of Debian, Ubuntu or Red Hat in place of Alpine."));
        }
        if (!NativeLibraries.areShipped()) {
            problems.add(Problem.of(
                    "jcuda",
                    "JCuda's natives for linux-x86_64 are not on the class path.",
                    LoadFailures.absent("libJCudaDriver").remedy()));
        }
    }

    private String passedOver(String name) {
        String text =
                found.passedOver().stream().filter(p -> p.contains("/" + name)).collect(Collectors.joining("; "));
        return text.isEmpty() ? "" : " (passed over: " + text + ")";
    }

    private static String text(List<SearchLocation> locations) {
        return FoundLibraries.folders(locations).stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
