package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/reference.md} to the sources; {@code -Dalborz.reference=write} writes it again. */
final class ReferenceTest {
    private static final Path PAGE = Path.of("../docs/reference.md");

    @Test
    void thePageIsThatOfTheSources() throws IOException {
        String expected = ReferencePage.text();
        if ("write".equals(System.getProperty("alborz.reference"))) {
            Files.writeString(PAGE, expected);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/reference.md; write it again with"
                        + " ./mvnw test -pl core -Dtest=ReferenceTest -Dalborz.reference=write")
                .isEqualTo(expected);
    }

    @Test
    void whatIsDocumentedIsFound() {
        assertThat(ReferencePage.text())
                .contains(List.of(
                        "`einsum(",
                        "| `LayerNorm` |",
                        "| `Lstm` |",
                        "| `CtcLoss` |",
                        "| `Muon` |",
                        "`cosine(",
                        "| `KFold` |",
                        "| `Gpt` |",
                        "| `F1` |",
                        "`heNormal(",
                        "`silu("));
    }
}
