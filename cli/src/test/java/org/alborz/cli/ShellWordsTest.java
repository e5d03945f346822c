package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {
    @Test
    void quotesWhatTheShellWouldReadOtherwise() {
        assertThat(ShellWords.join(
                        List.of("./alborz", "train", "--data=/tmp/häuser.csv", "--schedule=step:every=2,factor=0.1")))
                .isEqualTo("./alborz train --data=/tmp/häuser.csv --schedule=step:every=2,factor=0.1");
        assertThat(ShellWords.join(List.of("--data=my data", "$(reboot)", "it's", "", "a\\b")))
                .isEqualTo("'--data=my data' '$(reboot)' 'it'\\''s' '' 'a\\b'");
    }
}
