package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NcclLibraryTest {
    @TempDir
    Path root;

    private FakeMachine machine;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new FakeMachine(root);
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/lib/x86_64-linux-gnu",
        "/usr/local/cuda/lib64",
        "/home/user/.local/lib/python3.11/site-packages/nvidia/nccl/lib",
        "/opt/mine"
    })
    void isFoundWhereTheOtherLibrariesAre(String folder) throws IOException {
        machine.libraries(folder, NcclLibrary.NAME).withLibraries("/opt/mine");

        assertThat(NcclLibrary.find(machine.host()))
                .hasValueSatisfying(found -> assertThat(found.path())
                        .isEqualTo(root.resolve(folder.substring(1)).resolve(NcclLibrary.NAME)));
        assertThat(NcclLibrary.require(machine.host()).name()).isEqualTo(NcclLibrary.NAME);
    }

    @Test
    void whatIsMissingIsNamedWithTheRemedy() throws IOException {
        machine.text("/usr/lib64/" + NcclLibrary.NAME, "not a library");

        assertThat(NcclLibrary.find(machine.host())).isEmpty();
        assertThatThrownBy(() -> NcclLibrary.require(machine.host()))
                .isInstanceOf(NativeLoadException.class)
                .hasMessageContainingAll(
                        NcclLibrary.NAME + " was not found", "pip install nvidia-nccl-cu12", "libnccl2");
    }

    /** The class path of the tests has the bindings; one without them is told what to add. */
    @Test
    void missingBindingsAreNamedByTheirArtifacts() {
        assertThat(NcclLibrary.hasBindings()).isTrue();
        assertThat(NcclLibrary.hasBindings(ClassLoader.getPlatformClassLoader()))
                .isFalse();
        assertThat(NcclLibrary.withoutBindings().getMessage())
                .contains(
                        "org.bytedeco:cuda:" + version("cuda"),
                        "org.bytedeco:javacpp:" + version("javacpp"),
                        "linux-x86_64");
    }

    /** Returns the version of an artifact that the tests have on their class path, which is the pom's. */
    private static String version(String artifact) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName().toString())
                .filter(name -> name.matches(artifact + "-[0-9].*(?<!x86_64)\\.jar"))
                .map(name -> name.substring(artifact.length() + 1, name.length() - ".jar".length()))
                .findFirst()
                .orElseThrow();
    }
}
