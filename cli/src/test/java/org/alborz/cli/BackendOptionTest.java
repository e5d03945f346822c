package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class BackendOptionTest {
    @Test
    void aFileOfAlgorithmsIsStoredWithItsWholePath() {
        BackendOption option = CommandLine.populateCommand(new BackendOption(), "--algorithms", "a/../algorithms.tsv");
        assertThat(option.options())
                .containsEntry(
                        "algorithms", Path.of("algorithms.tsv").toAbsolutePath().toString());
        assertThat(CommandLine.populateCommand(new BackendOption()).options()).containsEntry("algorithms", null);
    }
}
