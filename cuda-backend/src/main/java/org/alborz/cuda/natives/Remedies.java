package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The commands that fix things on a machine, for its distribution. */
final class Remedies {
    /** Brings cuBLAS 12 and cuDNN 9 to a host that has only a driver and Maven; 2.0 GB. */
    static final String REDISTRIBUTABLE = "org.bytedeco:cuda:12.6-9.5-1.5.11:jar:linux-x86_64-redist";

    private static final String JAR = "cuda-12.6-9.5-1.5.11-linux-x86_64-redist.jar";

    private final Host host;
    private final String distribution;

    Remedies(Host host) {
        this.host = host;
        this.distribution = distribution(host);
    }

    /** Returns the identifiers of the distribution and those it is like, as in {@code /etc/os-release}. */
    private static String distribution(Host host) {
        try (Stream<String> lines = Files.lines(host.root().resolve("etc/os-release"))) {
            return lines.filter(l -> l.startsWith("ID=") || l.startsWith("ID_LIKE="))
                    .reduce("", String::concat)
                    .toLowerCase(Locale.ROOT);
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    boolean usesApt() {
        return distribution.contains("debian") || distribution.contains("ubuntu");
    }

    boolean usesDnf() {
        return distribution.contains("fedora") || distribution.contains("rhel");
    }

    boolean inContainer() {
        return Stream.of("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
                        .anyMatch(f -> host.at(f).filter(Files::exists).isPresent())
                || host.environment().containsKey("container")
                || host.environment().containsKey("KUBERNETES_SERVICE_HOST");
    }

    /** Returns whether the C library is musl, as in Alpine, which NVIDIA's libraries do not run on. */
    boolean usesMusl() {
        return !host.matching("/lib/ld-musl-x86_64.so.1").isEmpty()
                && host.matching("/lib64/ld-linux-x86-64.so.2").isEmpty();
    }

    List<String> installDriver() {
        if (distribution.contains("ubuntu")) {
            return List.of("sudo ubuntu-drivers install");
        }
        if (usesApt()) {
            return List.of("sudo apt-get install nvidia-driver");
        }
        return usesDnf() ? List.of("sudo dnf install nvidia-open") : List.of();
    }

    /** @param cuda the major version that the libraries are to be built for */
    List<String> installLibraries(int cuda) {
        List<String> commands = new ArrayList<>();
        commands.add(
                cuda == 12
                        ? "python3 -m pip install nvidia-cublas-cu12 nvidia-cudnn-cu12 nvidia-cuda-nvrtc-cu12"
                        : "python3 -m pip install nvidia-cublas nvidia-cudnn-cu" + cuda + " nvidia-cuda-nvrtc");
        String packages = cuda == 12 ? "libcublas-12-6 libcudnn9-cuda-12" : "libcublas-13-0 libcudnn9-cuda-13";
        if (usesApt()) {
            commands.add("sudo apt-get install " + packages);
        } else if (usesDnf()) {
            commands.add("sudo dnf install " + packages);
        }
        if (cuda == 12) {
            commands.add("mvn dependency:copy -Dartifact=" + REDISTRIBUTABLE + " -DoutputDirectory=. && ./alborz doctor"
                    + " --install-cuda-libraries " + JAR);
        }
        return commands;
    }
}
