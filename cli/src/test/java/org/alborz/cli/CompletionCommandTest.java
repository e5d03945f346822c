package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class CompletionCommandTest {
    @TempDir
    Path folder;

    /** What a shell offers for the last of some words, by the script itself. */
    @ParameterizedTest
    @CsvSource({
        "alborz ev, evaluate",
        "alborz train --batch, --batch-size",
        "alborz train --conf, --config",
        "alborz completion ba, ",
        "alborz lr-find --st, --start --steps"
    })
    void bashCompletesCommandsAndOptions(String words, String expected) throws IOException, InterruptedException {
        assumeThat(Path.of("/bin/bash")).exists();
        Path script = folder.resolve("completion");
        CommandResult result = CommandResult.of("completion", "bash");
        assertThat(result.code()).as(result.err()).isZero();
        Files.writeString(script, result.out());
        String program = "compopt() { :; }; source " + script + "; COMP_WORDS=(" + words
                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));" + " COMP_LINE='" + words
                + "'; _complete_alborz >/dev/null; echo \"${COMPREPLY[*]}\"";
        Process bash = new ProcessBuilder("/bin/bash", "-c", program)
                .redirectErrorStream(true)
                .start();
        String found = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(found.strip().split("\\s+"))
                .containsExactlyInAnyOrder(expected == null ? new String[] {""} : expected.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void theScriptIsForBothShells(String shell) {
        assertThat(CommandResult.of("completion", shell).out())
                .startsWith("#!/usr/bin/env bash")
                .contains("bashcompinit", "complete -F _complete_alborz");
    }

    @Test
    void anotherShellIsRefused() {
        CommandResult result = CommandResult.of("completion", "fish");
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("SHELL expects one of bash, zsh, got 'fish'");
        assertThat(result.out()).isEmpty();
    }
}
