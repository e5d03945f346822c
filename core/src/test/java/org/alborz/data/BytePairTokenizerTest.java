package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairTokenizerTest {
    private static final String TEXT =
            "low low low low low lower lower newest newest newest newest newest newest widest"
                    + " widest widest na\u00efve na\u00efve 1999 1999 don't don't   \n\n  x  \n\n  x";

    @TempDir
    Path folder;

    /** The example of Sennrich et al. 2016: es (9), then est (9), lo (7), low (7), … */
    @Test
    void learnsTheMostFrequentPairFirst() {
        String example =
                "low low low low low lower lower newest newest newest newest newest newest widest widest widest";
        BytePairTokenizer tokenizer = BytePairTokenizer.train(example, 266);
        List<String> learnt = new ArrayList<>();
        for (int i = 256; i < tokenizer.size(); i++) {
            learnt.add(new String(tokenizer.bytes(i), StandardCharsets.UTF_8));
        }
        // Of es, st (9 each) the one of smaller bytes; then "est" 9; then lo, ow, w-e …: counted by hand.
        assertThat(learnt.subList(0, 4)).containsExactly("es", "est", "lo", "low");
        assertThat(learnt).hasSize(10);
        assertThat(tokenizer.encode("lowest")).hasSize(2);
    }

    /** The same merges as counting every pair again after each. */
    @Test
    void countsAsANaiveTrainingDoes() {
        RandomStream random = new RandomStream(1, 1);
        for (int run = 0; run < 30; run++) {
            byte[] text = new byte[400];
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) " aaab\u00e9.".charAt(random.nextInt(7));
            }
            BytePairTokenizer tokenizer = BytePairTokenizer.train(text, 296);
            assertThat(tokenizer).isEqualTo(new BytePairTokenizer(naive(text, 40)));
        }
    }

    private static List<BytePairTokenizer.Pair> naive(byte[] text, int most) {
        List<int[]> words = new ArrayList<>();
        for (int from = 0; from < text.length; ) {
            int to = ByteWords.end(text, from);
            int[] word = new int[to - from];
            for (int i = from; i < to; i++) {
                word[i - from] = text[i] & 0xFF;
            }
            words.add(word);
            from = to;
        }
        List<BytePairTokenizer.Pair> merges = new ArrayList<>();
        while (merges.size() < most) {
            int tokens = 256 + merges.size();
            int[][] counts = new int[tokens][tokens];
            for (int[] word : words) {
                for (int i = 0; i + 1 < word.length; i++) {
                    counts[word[i]][word[i + 1]]++;
                }
            }
            BytePairTokenizer.Pair best = null;
            int count = 1;
            for (int i = 0; i < tokens; i++) {
                for (int j = 0; j < tokens; j++) {
                    if (counts[i][j] > count) {
                        count = counts[i][j];
                        best = new BytePairTokenizer.Pair(i, j);
                    }
                }
            }
            if (best == null) {
                break;
            }
            merges.add(best);
            for (int w = 0; w < words.size(); w++) {
                int[] word = words.get(w);
                int length = BytePairTokenizer.replace(best, tokens, word, 0, word.length);
                words.set(w, Arrays.copyOf(word, length));
            }
        }
        return merges;
    }

    @Test
    void anyBytesComeBack() {
        BytePairTokenizer tokenizer = BytePairTokenizer.train(TEXT, 300);
        assertThat(tokenizer.decode(tokenizer.encode(TEXT))).isEqualTo(TEXT);
        assertThat(tokenizer.encode(TEXT).length).isLessThan(TEXT.length() / 2);
        assertThat(tokenizer.encode("")).isEmpty();
        RandomStream random = new RandomStream(5, 1);
        for (int run = 0; run < 200; run++) {
            byte[] bytes = new byte[random.nextInt(900)];
            int range = run % 2 == 0 ? 256 : 40;
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(range) + (range == 40 ? 9 : 0));
            }
            assertThat(tokenizer.decodeBytes(tokenizer.encode(bytes))).isEqualTo(bytes);
        }
        byte[] runs = new byte[100_000]; // one word without an end: 256 bytes at a time
        assertThat(BytePairTokenizer.train(runs, 264).encode(runs)).hasSize((100_000 + 255) / 256 + 1);
    }

    @Test
    void wordsAreNotCrossed() {
        byte[] text = " two  words,\n\n and 12don't\u00e9 ".getBytes(StandardCharsets.UTF_8);
        List<String> words = new ArrayList<>();
        for (int from = 0; from < text.length; ) {
            int to = ByteWords.end(text, from);
            words.add(new String(text, from, to - from, StandardCharsets.UTF_8));
            from = to;
        }
        assertThat(words)
                .containsExactly(" two", " ", " words", ",", "\n\n", " and", " 12", "don", "'", "t\u00e9", " ");
    }

    @Test
    void isSavedAndLoaded() throws IOException {
        BytePairTokenizer tokenizer = BytePairTokenizer.train(TEXT, 280);
        Path file = folder.resolve("tokens.json");
        tokenizer.save(file);
        assertThat(BytePairTokenizer.load(file)).isEqualTo(tokenizer).hasToString(tokenizer.toString());
        assertThat(Files.readString(file)).startsWith("{\"format\":\"alborz byte pairs\",\"merges\":[[");
        assertThat(BytePairTokenizer.train("", 500).size()).isEqualTo(256);
        BytePairTokenizer.train("", 500).save(file);
        assertThat(BytePairTokenizer.load(file).size()).isEqualTo(256);
        assertThatThrownBy(() -> BytePairTokenizer.load(folder.resolve("none")))
                .hasMessageContaining("There is no file");
        assertThatThrownBy(() -> tokenizer.save(folder.resolve("a/b"))).hasMessageContaining("could not be written");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"format\":\"other\",\"merges\":[]}",
                "{\"format\":\"alborz byte pairs\"}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,256]]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,-1]]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,98],[97,98]]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,98,99]]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97]]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[97,98]}",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,98]]",
                "{\"format\":\"alborz byte pairs\",\"merges\":[[97,98]]} 1"
            })
    void refusesOtherFiles(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.json"), text);
        assertThatThrownBy(() -> BytePairTokenizer.load(file))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("bad.json", "vocabulary of byte pairs");
    }

    /** Each token is the one before twice: as bytes they would fill any memory. */
    @Test
    void refusesTokensThatAreLongerThanWords() throws IOException {
        StringBuilder merges = new StringBuilder("[97,97]");
        for (int i = 0; i < 40; i++) {
            merges.append(",[").append(256 + i).append(',').append(256 + i).append(']');
        }
        Path file = Files.writeString(
                folder.resolve("long.json"), "{\"format\":\"alborz byte pairs\",\"merges\":[" + merges + "]}");
        assertThatThrownBy(() -> BytePairTokenizer.load(file))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("long.json", "at most 256 bytes", "in merge 8");
    }

    @Test
    void refusesWhatIsNoToken() {
        BytePairTokenizer tokenizer = BytePairTokenizer.train(TEXT, 260);
        assertThatThrownBy(() -> tokenizer.decode(260)).hasMessageContaining("0 to 259 is expected, got 260");
        assertThatThrownBy(() -> tokenizer.bytes(-1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> BytePairTokenizer.train(TEXT, 255)).hasMessageContaining("got 255");
        assertThatThrownBy(() -> tokenizer.encode((String) null)).hasMessageContaining("a text, got null");
    }
}
