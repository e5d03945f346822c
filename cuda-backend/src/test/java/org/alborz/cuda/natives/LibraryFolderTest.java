package org.alborz.cuda.natives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryFolderTest {
    @TempDir
    Path root;

    private FakeMachine machine;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new FakeMachine(root);
    }

    @Test
    void isTheCache() throws IOException {
        LibraryFolder folder = LibraryFolder.make(machine.host());

        assertThat(folder.path())
                .isEqualTo(root.resolve("home/user/.cache/alborz/cuda"))
                .isDirectory();
        assertThat(folder.remedy()).isEmpty();
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"?", ".", "home", " ", "~", "\0"})
    void isPrivateAndSaidWhereTheHomeIsNotKnown(String home) throws IOException {
        Host host = machine.withHome(home).with("XDG_CACHE_HOME", "caches").host();

        LibraryFolder folder = LibraryFolder.make(host);

        assertThat(host.cache()).isEmpty();
        assertThat(folder.path()).hasParent(root.resolve("tmp")).isDirectory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                .isEqualTo("rwx------");
        assertThat(folder.remedy().orElseThrow())
                .contains(folder.path().toString(), "ALBORZ_CUDA_LIBRARIES", "user.home");
        assertThat(LibrarySearch.on(host).libraryLocations())
                .allSatisfy(location -> assertThat(location.folders()).allMatch(Path::isAbsolute));
        assertThat(Path.of("?")).doesNotExist();
    }

    @Test
    void isPrivateAndSaidWhereTheCacheCannotBeMade() throws IOException {
        machine.text("/home/user", "a file");

        LibraryFolder folder = LibraryFolder.make(machine.host());

        assertThat(folder.path()).hasParent(root.resolve("tmp")).isDirectory();
        assertThat(folder.remedy().orElseThrow()).contains(root.resolve("home/user/.cache") + "", "cannot be made");
    }

    @Test
    void followsTheVariable() throws IOException {
        Host host = machine.withHome("?").with("XDG_CACHE_HOME", "/var/caches").host();

        assertThat(LibraryFolder.make(host).path()).isEqualTo(root.resolve("var/caches/alborz/cuda"));
    }
}
