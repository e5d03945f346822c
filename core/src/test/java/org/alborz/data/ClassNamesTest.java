package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassNamesTest {
    @Test
    void namesThatCanBeStoredAndPrintedAreTaken() {
        List<String> names = List.of("a", "grüner Frosch", "\ud83d\udc38", "n".repeat(100));

        assertThat(ClassNames.require(names)).isEqualTo(names);
    }

    @Test
    void namesThatCannotBeShownAreRefused() {
        for (String name : Arrays.asList(
                null,
                "",
                " ",
                "\u0000",
                "\u001b",
                "\u0085",
                "\u200b",
                "\u202e",
                "\u2028",
                "\u2029",
                "\u2066",
                "\ud800",
                "\udc00",
                "n".repeat(101))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClassNames.require(Arrays.asList("a", name)))
                    .withMessageContaining("at most 100 printable characters");
        }
    }

    @Test
    void tooFewTooManyAndEqualNamesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ClassNames.require(List.of("a")));
        assertThatIllegalArgumentException().isThrownBy(() -> ClassNames.require(Collections.nCopies(100_001, "a")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClassNames.require(List.of("a", "b", "a")))
                .withMessageContaining("'a' twice");
    }
}
