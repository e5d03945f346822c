package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TextLinesTest {
    private static final CharacterVocabulary LETTERS = CharacterVocabulary.of("abcä ");

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("text.txt"), text);
    }

    @Test
    void linesOfAFileAreSamples() throws IOException {
        TextLines lines = TextLines.of(file("ab\r\n\r\n  \ncä b\na"), LETTERS::encode);
        assertThat(lines.size()).isEqualTo(3);
        assertThat(lines.fields()).hasToString("[tokens int32 [4] variable along axis 0]");
        assertThat(lines.line(1)).isEqualTo("cä b");
        for (int i = 0; i < 3; i++) {
            Sample sample = Sample.of(lines, i);
            int[] tokens = Arrays.copyOfRange(sample.ints(0), sample.at(0), sample.at(0) + sample.length(0));
            assertThat(LETTERS.decode(tokens)).isEqualTo(lines.line(i));
        }
        assertThat(lines.description()).startsWith("3 lines of text of at most 4 tokens (content ");
        assertThat(lines.truncated(2).description())
                .startsWith("3 lines of text of at most 2 tokens")
                .isEqualTo(
                        TextLines.of(List.of("ab", "cä", "a"), LETTERS::encode).description());
    }

    /** As editors on Windows write it. */
    @Test
    void aByteOrderMarkIsNoText() throws IOException {
        TextLines lines = TextLines.of(
                file("\uFEFFab\na\uFEFF"), line -> line.codePoints().toArray());
        assertThat(lines.line(0)).isEqualTo("ab");
        assertThat(lines.line(1)).isEqualTo("a\uFEFF");
        assertThat(lines.fields()).hasToString("[tokens int32 [2] variable along axis 0]");
    }

    @Test
    void anEncoderThatReturnsNothingIsNamedWithTheLine() throws IOException {
        Path text = file("abc\n\nab\n");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> TextLines.of(text, line -> line.length() == 2 ? null : LETTERS.encode(line)))
                .withMessageContainingAll("text.txt, line 3, 'ab', cannot be encoded", "encoder, got null");
    }

    @Test
    void aLoaderPadsThem() {
        TextLines lines = TextLines.of(List.of("abc", "a"), LETTERS::encode);
        DataLoader loader = DataLoader.of(lines, 2)
                .pad("tokens", new Padding(-1).lengths("lengths"))
                .build();
        try (BatchIterator batches = loader.epoch(0)) {
            Batch batch = batches.next();
            assertThat(batch.shape(0)).hasToString("[2, 3]");
            assertThat(Arrays.copyOf(batch.ints(0), 6)).containsExactly(1, 2, 3, 1, -1, -1);
            assertThat(Arrays.copyOf(batch.ints(1), 2)).containsExactly(3, 1);
        }
    }

    @Test
    void saysWhichLineIsWrong() throws IOException {
        Path text = file("abc\n\nabX\n");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> TextLines.of(text, LETTERS::encode))
                .withMessageContainingAll("text.txt, line 3, 'abX', cannot be encoded", "X");
        Path blank = file(" \n\n");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> TextLines.of(blank, LETTERS::encode))
                .withMessageContaining("at least one line that is not blank");
        Path latin = folder.resolve("latin.txt");
        Files.write(latin, "ä".getBytes(StandardCharsets.ISO_8859_1));
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> TextLines.of(latin, LETTERS::encode))
                .withMessageContaining("latin.txt expects text in UTF-8");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> TextLines.of(folder.resolve("none"), LETTERS::encode))
                .withMessageContaining("There is no file");
        TextLines lines = TextLines.of(List.of("a"), LETTERS::encode);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lines.truncated(0))
                .withMessageContaining("at least 1 token, got 0");
    }
}
