package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains language models on a text, measures them and has them write. */
class TextModelTest {
    @TempDir
    Path folder;

    private Path text;

    @BeforeEach
    void write() throws IOException {
        text = Files.writeString(folder.resolve("text.txt"), "to be or not to be, that is the question.\n".repeat(60));
    }

    private static CommandResult train(String model, Path data, Object... more) {
        Object[] all = new Object[more.length + 6];
        System.arraycopy(new Object[] {"train", model, "--backend", "cpu-vector", "--data", data}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return CommandResult.of(all);
    }

    @ParameterizedTest
    @CsvSource({"gpt, characters", "lstm, characters", "gpt, 280"})
    void learnsIsMeasuredAndWrites(String model, String tokens) throws IOException {
        Path out = folder.resolve("run");
        CommandResult trained =
                train(model, text, "--tokens", tokens, "--context", 16, "--size", 32, "--epochs", 6, "--out", out);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out())
                .contains("sequences of 16 of " + text, tokens.equals("characters") ? "16 characters" : " byte pairs")
                .contains("validation: loss ", "  perplexity ", "Best validation loss ", "./alborz generate ");
        JsonNode best =
                new ObjectMapper().readTree(out.resolve("result.json").toFile()).get("best");
        assertThat(best.get("val_loss").asDouble()).isLessThan(tokens.equals("characters") ? 1.6 : 4);
        assertThat(Math.log(best.get("val_perplexity").asDouble()))
                .isCloseTo(best.get("val_loss").asDouble(), within(1e-4));

        CommandResult evaluated = CommandResult.of("evaluate", out.resolve("best.safetensors"));
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.out()).contains("perplexity");
        Path other = Files.writeString(folder.resolve("other.txt"), "that is not the question, or is that?".repeat(9));
        CommandResult unknown = CommandResult.of("evaluate", out.resolve("best.safetensors"), "--data", other);
        if (tokens.equals("characters")) {
            assertThat(unknown.err()).contains("the 16 characters of the vocabulary", "'?'");
        } else {
            assertThat(unknown.code()).as(unknown.err()).isZero();
        }

        Path json = folder.resolve("written.json");
        CommandResult written = CommandResult.of(
                "generate", out, "--prompt", "to be", "--length", 30, "--temperature", 0, "--json", json);
        assertThat(written.code()).as(written.err()).isZero();
        assertThat(written.out()).startsWith("to be");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.get("tokens").asInt()).isEqualTo(30);
        assertThat(report.get("text").asText()).startsWith("to be").hasSizeGreaterThan(30);
        CommandResult again = CommandResult.of("generate", out, "--length", 40, "--top-k", 3, "--seed", 7);
        assertThat(CommandResult.of(
                                "generate", out.resolve("last.safetensors"), "--length", 40, "--top-k", 3, "--seed", 7)
                        .code())
                .isZero();
        assertThat(CommandResult.of("generate", out, "--length", 40, "--top-k", 3, "--seed", 7)
                        .out())
                .isEqualTo(again.out());
    }

    @Test
    void aResumedRunIsAStraightOne() throws IOException {
        Path straight = folder.resolve("straight");
        Path broken = folder.resolve("broken");
        Object[] sizes = {"--context", 8, "--size", 8, "--schedule", "constant", "--save-every", 7};
        assertThat(train("gpt", text, with(sizes, "--epochs", 2, "--out", straight))
                        .code())
                .isZero();
        train("gpt", text, with(sizes, "--epochs", 1, "--out", broken));
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", broken, "--epochs", 2);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Weights.of(broken.resolve("last.safetensors")))
                .isEqualTo(Weights.of(straight.resolve("last.safetensors")));
        CommandResult other = CommandResult.of("train", "--resume", "--out", broken, "--size", 16, "--epochs", 3);
        assertThat(other.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(other.err()).contains("--size 8, not 16");
        Files.writeString(text, "to be, that is the question. or not to be\n".repeat(60));
        CommandResult changed = CommandResult.of("train", "--resume", "--out", broken, "--epochs", 3);
        assertThat(changed.code()).isEqualTo(ExitCodes.DATA);
        assertThat(changed.err()).contains("other data");
    }

    private static Object[] with(Object[] first, Object... more) {
        Object[] all = Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpt  | --size=30          | 2 | --size expects a multiple of --heads 4, got 30",
                "gpt  | --size=0           | 2 | --size expects at least 1",
                "gpt  | --tokens=words     | 2 | --tokens expects characters, or 256 to 65536 byte pairs",
                "gpt  | --tokens=100       | 2 | --tokens expects 256 to 65536, got 100",
                "gpt  | --dropout=1        | 2 | --dropout expects a number from 0 to below 1",
                "gpt  | --context=3000     | 4 | --context 3000 needs more",
                "gpt  | --metrics=f1       | 2 | --metrics expects no names for gpt",
                "gpt  | --augment          | 2 | --augment is for images",
                "lstm | --heads=2          | 2 | --heads has no meaning for lstm",
                "lstm | --target=a         | 2 | --target has no meaning for lstm",
                "mlp  | --context=9        | 2 | --context has no meaning for mlp on images"
            })
    void whatDoesNotFitIsNamed(String model, String option, int code, String message) {
        CommandResult result = train(model, text, option, "--out", folder.resolve("run"));
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        assertThat(result.err()).contains(message);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** As editors on Windows write it. */
    @Test
    void aByteOrderMarkIsNoText() throws IOException {
        Path marked = Files.writeString(folder.resolve("marked.txt"), "\uFEFFto be\n");
        Tokens tokens =
                new TextSource(marked, 0, new TextSettings("gpt", TextSettings.CHARACTERS, 16, 32, 4, 2, 0)).tokens();
        assertThat(tokens.size()).isEqualTo("\n beot".length());
    }

    @Test
    void aTextIsAskedFor() throws IOException {
        CommandResult none = CommandResult.of("train", "gpt");
        assertThat(none.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(none.err()).contains("gpt learns a text: name a text file with --data");
        CommandResult missing = train("gpt", folder.resolve("none.txt"));
        assertThat(missing.code()).isEqualTo(ExitCodes.DATA);
        assertThat(missing.err()).contains("none.txt' does not exist; gpt learns a text");
        Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'a', (byte) 0xE4, 'b'});
        assertThat(train("gpt", latin).err()).contains("is no text in UTF-8");
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        assertThat(train("gpt", empty).err()).contains("is empty");
    }

    @Test
    void whatCannotBeGeneratedIsNamed() {
        Path out = folder.resolve("run");
        train("lstm", text, "--context", 8, "--size", 8, "--epochs", 1, "--out", out);
        for (String[] wrong : new String[][] {
            {"--prompt=XY", "--prompt has a character that the model never read", "'X'"},
            {"--prompt=", "--prompt expects at least one character"},
            {"--length=0", "--length expects at least 1"},
            {"--top-k=0", "--top-k expects at least 1"},
            {"--temperature=-1", "--temperature expects a number of at least 0"}
        }) {
            CommandResult result = CommandResult.of("generate", out, wrong[0]);
            assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.USAGE);
            assertThat(result.err()).contains(Arrays.copyOfRange(wrong, 1, wrong.length));
        }
        CommandResult none = CommandResult.of("generate", folder.resolve("none"));
        assertThat(none.code()).isEqualTo(ExitCodes.DATA);
        assertThat(none.err()).contains("There is no checkpoint");
        CommandResult image = CommandResult.of("predict", out.resolve("best.safetensors"), "a.png");
        assertThat(image.err()).contains("is a model of texts", "./alborz generate");
    }
}
