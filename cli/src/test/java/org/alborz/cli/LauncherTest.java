package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts {@code ./alborz} with a Maven and a Java made of a few lines of shell. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class LauncherTest {
    @TempDir
    Path home;

    private String javaOptions = "";

    @BeforeEach
    void makeAClone() throws IOException {
        Path launcher = Path.of("../alborz");
        assumeThat(launcher).exists();
        Files.copy(launcher, home.resolve("alborz"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(Path.of("../jvm.options"), home.resolve("jvm.options"));
        Files.createDirectories(home.resolve("cli/src/main/resources"));
        Files.createDirectories(home.resolve("kernels/adam"));
        Files.writeString(home.resolve("pom.xml"), "<project/>");
        script("mvnw", """
                echo "$$" >>builds
                [ ! -f slow-build ] || sleep 1.2
                [ ! -f slower-build ] || sleep 4
                mkdir -p cli/target
                echo >cli/target/alborz-cli.jar
                printf '%s' "$PWD/pom.xml" >cli/target/classpath
                """);
        script("java/bin/javac", "");
        script("java/bin/java", """
                case "$*" in
                    *Archive*Exit*) echo archive >>archives ;;
                    *) echo "$*" >arguments && echo started ;;
                esac
                """);
        Files.writeString(home.resolve("java/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Path tools = Files.createDirectory(home.resolve("tools")); // as a system without flock has them
        for (String tool : List.of(
                "sh",
                "cat",
                "cp",
                "date",
                "dirname",
                "find",
                "grep",
                "head",
                "ln",
                "mkdir",
                "mv",
                "ps",
                "readlink",
                "rm",
                "rmdir",
                "sed",
                "sleep",
                "touch",
                "tr",
                "uname")) {
            Path found = List.of(Path.of("/usr/bin", tool), Path.of("/bin", tool)).stream()
                    .filter(Files::exists)
                    .findFirst()
                    .orElse(null);
            if (found != null) {
                Files.createSymbolicLink(tools.resolve(tool), found);
            }
        }
    }

    private void script(String name, String body) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process start(boolean flock, String printed) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(home.resolve("alborz").toString(), "doctor")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(printed).toFile());
        builder.environment().put("JAVA_HOME", home.resolve("java").toString());
        builder.environment().put("ALBORZ_JAVA_OPTS", javaOptions);
        if (!flock) {
            builder.environment().put("PATH", home.resolve("tools").toString());
        }
        return builder.start();
    }

    private void assertStarts(Process process, String printed) throws IOException, InterruptedException {
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(home.resolve(printed)))
                .isZero();
        assertThat(home.resolve(printed)).content().contains("started");
    }

    private int builds() throws IOException {
        Path builds = home.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneOfSeveralBuilds(boolean flock) throws IOException, InterruptedException {
        Files.createFile(home.resolve("slow-build"));
        Process first = start(flock, "first.txt");
        while (first.isAlive() && builds() == 0) {
            Thread.sleep(20);
        }
        Process second = start(flock, "second.txt");
        Process third = start(flock, "third.txt");

        assertStarts(first, "first.txt");
        assertStarts(second, "second.txt");
        assertStarts(third, "third.txt");
        assertThat(builds()).isEqualTo(1);
        assertThat(Files.readAllLines(home.resolve("archives"))).hasSize(1);
        assertThat(home.resolve("second.txt"))
                .content()
                .contains("which is building")
                .doesNotContain("alborz: building");
        assertThat(home.resolve("cli/target/build.lock.pid")).doesNotExist();

        Process later = start(flock, "later.txt");
        assertStarts(later, "later.txt");
        assertThat(home.resolve("later.txt")).hasContent("started");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKilledBuildIsDoneByTheNext(boolean flock) throws IOException, InterruptedException {
        Files.createFile(home.resolve("slow-build"));
        Process killed = start(flock, "killed.txt");
        while (killed.isAlive() && builds() == 0) {
            Thread.sleep(20);
        }
        Process waiting = start(flock, "waiting.txt");
        Thread.sleep(200);
        killed.destroyForcibly().waitFor();

        assertStarts(waiting, "waiting.txt");
        assertStarts(start(flock, "next.txt"), "next.txt");
        assertThat(builds()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBuildThatFailsKeepsNobodyWaiting(boolean flock) throws IOException, InterruptedException {
        script("mvnw", "echo broken >&2; exit 1");
        for (String printed : List.of("one.txt", "two.txt")) {
            Process process = start(flock, printed);
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(69);
            assertThat(home.resolve(printed)).content().contains("broken", "the build failed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernels/adam/adam.ptx",
                "kernels/index.txt",
                "cli/src/main/resources/logback.xml",
                "cli/pom.xml",
                "jvm.options"
            })
    void buildsAgainAfterAChangeOf(String file) throws IOException, InterruptedException {
        assertStarts(start(true, "first.txt"), "first.txt");
        assertStarts(start(true, "same.txt"), "same.txt");
        assertThat(builds()).isEqualTo(1);

        Files.writeString(home.resolve(file), "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        assertStarts(start(true, "changed.txt"), "changed.txt");
        assertThat(builds()).isEqualTo(2);
        assertThat(Files.readAllLines(home.resolve("archives"))).hasSize(2);
    }

    @Test
    void startsJavaWithTheOptionsOfTheArgumentFile() throws IOException, InterruptedException {
        List<String> options = Files.readAllLines(home.resolve("jvm.options")).stream()
                .filter(line -> line.startsWith("-") && !line.contains("IgnoreUnrecognizedVMOptions"))
                .toList();
        assertStarts(start(true, "plain.txt"), "plain.txt");
        assertThat(options).hasSizeGreaterThan(6);
        assertThat(home.resolve("arguments"))
                .content()
                .contains(options)
                .contains("org.alborz.cli.Alborz doctor")
                .doesNotContain("IgnoreUnrecognizedVMOptions");
    }

    @Test
    void theOutcomeOfTheSpeedProbeCountsForTheUsualOptionsOnly() throws IOException, InterruptedException {
        Path probe = home.resolve("cli/target/alborz-17.0.1.speedprobe");
        Files.createDirectories(probe.getParent());
        Files.writeString(probe, "of the build before");
        assertStarts(start(true, "plain.txt"), "plain.txt");
        assertThat(probe).doesNotExist();
        assertThat(home.resolve("arguments")).content().contains("-Dalborz.speedprobe=" + probe);
        javaOptions = "-XX:-UseFMA";
        assertStarts(start(true, "plain.txt"), "plain.txt");
        assertThat(home.resolve("arguments")).content().doesNotContain("speedprobe");
    }

    @Test
    @Tag("sweep")
    void tellsOnATerminalHowLongABuildStillTakes() throws IOException, InterruptedException {
        assumeThat(Path.of("/usr/bin/script")).exists(); // which makes a terminal
        Path target = Files.createDirectories(home.resolve("cli/target"));
        Files.writeString(target.resolve("build.seconds"), "45\n");
        Files.createFile(home.resolve("slower-build"));
        script("terminal", "exec /usr/bin/script -qec \"$PWD/alborz doctor\" /dev/null");
        ProcessBuilder builder = new ProcessBuilder(home.resolve("terminal").toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("shown.txt").toFile());
        builder.environment().put("JAVA_HOME", home.resolve("java").toString());
        assertStarts(builder.start(), "shown.txt");
        assertThat(home.resolve("shown.txt")).content().contains("alborz: 1 s, about 44 s left");
        assertThat(target.resolve("build.seconds"))
                .content()
                .matches("[1-9]\\d*\\s*")
                .isNotEqualTo("45\n");
        assertThat(target.resolve("archive.seconds")).exists();
    }

    @Test
    void takesAnotherCollector() throws IOException, InterruptedException {
        javaOptions = "-Xmx1g -XX:+UseG1GC";
        assertStarts(start(true, "plain.txt"), "plain.txt");
        assertThat(home.resolve("arguments"))
                .content()
                .contains("--add-modules jdk.incubator.vector", "-Xmn16m", "-Xmx1g -XX:+UseG1GC")
                .doesNotContain("UseSerialGC");
    }

    @Test
    void theArgumentFileStartsThisJava() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@jvm.options", "-version")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("version.txt").toFile())
                .start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(home.resolve("version.txt")))
                .isZero();
    }
}
