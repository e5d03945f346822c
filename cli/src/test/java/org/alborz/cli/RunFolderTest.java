package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every state that a kill can leave a run folder in, continued and started over. Long, since there are many such states. */
@Timeout(300)
class RunFolderTest {
    private static final int EPOCHS = 2;

    /** A run of one epoch and the same run after two, never ended before. */
    @TempDir
    static Path runs;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        assertThat(CommandResult.train("--epochs", 1, "--out", runs.resolve("one"))
                        .code())
                .isZero();
        assertThat(CommandResult.train("--epochs", EPOCHS, "--out", runs.resolve("two"))
                        .code())
                .isZero();
    }

    private static Path one(String file) {
        return runs.resolve("one").resolve(file);
    }

    private static Path two(String file) {
        return runs.resolve("two").resolve(file);
    }

    private void copy(String... files) throws IOException {
        for (String file : files) {
            Files.copy(one(file), folder.resolve(file));
        }
    }

    @Test
    void theReportOfATrainingKeepsItsLock() throws IOException {
        copy("settings.json", "history.csv", "result.json", "last.safetensors");
        RunFolder run = new RunFolder(folder);
        try (RunLock lock = RunLock.take(run)) {
            assertThat(lock).isNotNull();
            assumeThat(isLocked(run.lock())).as("the system lists locks").isTrue();
            RunReport.ofOwn(run, new RunReport(run).settings()).figures();
            assertThat(isLocked(run.lock())).isTrue();
        }
        assertThat(isLocked(run.lock())).isFalse();
    }

    private static boolean isLocked(Path file) throws IOException {
        Path locks = Path.of("/proc/locks");
        String end = ":" + Files.getAttribute(file, "unix:ino") + " ";
        return Files.exists(locks) && Files.readString(locks).contains(end);
    }

    /** A lock outlasts its process, whose number another one may get. */
    @Test
    void aLaterProcessWithTheNumberInTheLockIsNotTheRun() throws IOException {
        RunFolder run = new RunFolder(folder);
        RunLock.take(run).close();
        String lock = Files.readString(run.lock());
        long other = ProcessHandle.current().parent().orElseThrow().pid();
        String ofOther = lock.replaceFirst("process \\d+", "process " + other);
        Files.writeString(run.lock(), ofOther);
        assertThat(RunLock.isHeldElsewhere(run)).isTrue();
        Files.writeString(run.lock(), ofOther.replaceFirst("since .*", "since 2001-01-01T00:00:00Z"));
        assertThat(RunLock.isHeldElsewhere(run)).isFalse();
    }

    private CommandResult resume() {
        return CommandResult.of("train", "--resume", "--out", folder, "--epochs", EPOCHS, "--backend", "cpu-scalar");
    }

    private void assertEndsAsTheUninterruptedRun(CommandResult result) throws IOException {
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(Weights.of(folder.resolve("last.safetensors"))).isEqualTo(Weights.of(two("last.safetensors")));
        assertThat(Weights.of(folder.resolve("best.safetensors"))).isEqualTo(Weights.of(two("best.safetensors")));
        assertThat(Weights.figures(folder.resolve("history.csv"))).isEqualTo(Weights.figures(two("history.csv")));
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        ".lock",
                        "settings.json",
                        "config.json",
                        "best.safetensors",
                        "last.safetensors",
                        "history.csv",
                        "steps.csv",
                        "result.json",
                        "report.html",
                        "train.log");
    }

    private RunState state() {
        return new RunFolder(folder).state();
    }

    @Test
    void empty() throws IOException {
        assertThat(state()).isEqualTo(RunState.EMPTY);
        assertThat(new RunFolder(folder.resolve("none")).state()).isEqualTo(RunState.EMPTY);

        CommandResult resumed = resume();
        assertThat(resumed.code()).isEqualTo(ExitCodes.DATA);
        assertThat(resumed.err()).contains("There is no " + folder.resolve("last.safetensors"), "without --resume");

        assertEndsAsTheUninterruptedRun(CommandResult.train("--epochs", EPOCHS, "--out", folder));
    }

    /** A supervisor that always passes {@code --resume} gets its run, whenever the last one was killed. */
    @Test
    void killedBeforeTheSettings() throws IOException {
        Files.writeString(folder.resolve(".lock"), "proc");
        Files.writeString(folder.resolve("settings.json.tmp"), "{");

        CommandResult resumed = CommandResult.train("--resume", "--epochs", EPOCHS, "--out", folder);

        assertThat(resumed.out()).contains("There is no run in " + folder + " to continue: it starts");
        assertEndsAsTheUninterruptedRun(resumed);
    }

    @Test
    void resumingInAFolderThatDoesNotExistStarts() {
        Path out = folder.resolve("none");
        assertThat(CommandResult.train("--resume", "--epochs", 1, "--out", out).code())
                .isZero();
        assertThat(out.resolve("last.safetensors")).exists();
    }

    private static void makePipe(Path pipe) throws IOException, InterruptedException {
        assumeThat(Files.exists(Path.of("/dev/zero"))).isTrue();
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
    }

    @Test
    void pipesWithTheNamesOfTemporaryFilesAreNotWaitedFor() throws Exception {
        copy("settings.json", "history.csv", "best.safetensors", "last.safetensors");
        for (String name : List.of("settings.json.tmp", "history.csv.tmp", "result.json.tmp")) {
            makePipe(folder.resolve(name));
        }

        assertEndsAsTheUninterruptedRun(resume());
    }

    @Test
    void aLinkWithTheNameOfATemporaryFileIsNotFollowed() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "mine");
        Files.createSymbolicLink(folder.resolve("result.json.tmp"), precious);

        AtomicFile.write(folder.resolve("result.json"), "text");

        assertThat(precious).hasContent("mine");
        assertThat(folder.resolve("result.json")).hasContent("text");
    }

    @Test
    void pipesWithARunsNamesAreRefused() throws Exception {
        makePipe(folder.resolve("train.log"));
        CommandResult result = CommandResult.train("--epochs", 1, "--out", folder);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("train.log is damaged or not a run's: it is not a regular file");
    }

    @Test
    void aLockOfAnotherProgramIsLeftAlone() throws IOException {
        Path lock = Files.writeString(folder.resolve(".lock"), "precious");
        CommandResult result = CommandResult.train("--epochs", 1, "--out", folder);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains(lock.toString());
        assertThat(lock).hasContent("precious");
    }

    @Test
    void aLockThatIsALinkIsNotFollowed() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "process 1 on here");
        Files.createSymbolicLink(folder.resolve(".lock"), target);
        CommandResult result = CommandResult.train("--epochs", 1, "--out", folder);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(target).hasContent("process 1 on here");
    }

    @Test
    void aMissingBestIsSaidAndWrittenAgain() throws IOException {
        copy("settings.json", "history.csv", "last.safetensors");

        CommandResult resumed = CommandResult.of("train", "--resume", "--out", folder, "--backend", "cpu-scalar");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("best.safetensors is missing").doesNotContain(": best.safetensors, last");

        resumed = resume();
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(folder.resolve("best.safetensors")).exists();
    }

    @Test
    void aDamagedBestIsRefused() throws IOException {
        copy("settings.json", "history.csv", "last.safetensors");
        byte[] bytes = Files.readAllBytes(one("best.safetensors"));
        byte[] flipped = bytes.clone();
        flipped[bytes.length - 5] ^= 1;
        for (byte[] damaged : List.of(Arrays.copyOf(bytes, bytes.length / 2), new byte[9], flipped)) {
            Files.write(folder.resolve("best.safetensors"), damaged);
            CommandResult resumed = resume();
            assertThat(resumed.code()).isEqualTo(ExitCodes.DATA);
            assertThat(resumed.err()).contains("best.safetensors", "Remove it: --resume then goes on from last");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"settings.json", "last.safetensors", "best.safetensors"})
    void aFileOfAnotherRunIsRefused(String name) throws IOException {
        copy("settings.json", "history.csv", "best.safetensors", "last.safetensors");
        Path other = folder.resolve("other");
        assertThat(CommandResult.train("--epochs", 1, "--seed", 7, "--out", other)
                        .code())
                .isZero();
        Files.copy(other.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        String settings = Files.readString(folder.resolve("settings.json"));

        CommandResult resumed = resume();

        assertThat(resumed.code()).isEqualTo(ExitCodes.DATA);
        assertThat(resumed.err()).contains("are of different runs: --seed ", name);
        assertThat(folder.resolve("settings.json")).hasContent(settings);
    }

    @Test
    void fewerNotedEpochsThanFinishedAreSaidOfTheFile() throws IOException {
        for (String file : List.of("settings.json", "history.csv", "best.safetensors", "last.safetensors")) {
            Files.copy(two(file), folder.resolve(file));
        }
        Path settings = folder.resolve("settings.json");
        Files.writeString(settings, Files.readString(settings).replace("\"epochs\" : 2", "\"epochs\" : 1"));

        CommandResult resumed = CommandResult.of("train", "--resume", "--out", folder);
        assertThat(resumed.code()).isEqualTo(ExitCodes.DATA);
        assertThat(resumed.err())
                .contains("settings.json asks for 1 epochs, and the checkpoint has finished 2", "--epochs")
                .doesNotContain("Leave these options out");
        assertThat(CommandResult.of("train", "--resume", "--out", folder, "--epochs", 1)
                        .code())
                .isEqualTo(ExitCodes.USAGE);
        assertEndsAsTheUninterruptedRun(resume());
    }

    @Test
    void settingsThatAreAPipeAreNotWaitedFor() throws Exception {
        Path pipe = folder.resolve("settings.json");
        assumeThat(Files.exists(Path.of("/dev/zero"))).isTrue();
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThat(new RunFolder(folder).settings()).isEmpty();
    }

    /** A run of an earlier version that failed before its first checkpoint, and one that a power cut left without its settings. */
    @Test
    void noSettingsAndNoCheckpoint() throws IOException {
        copy("history.csv", "result.json", "train.log");
        assertThat(state()).isEqualTo(RunState.EMPTY);
        Files.writeString(folder.resolve("history.csv"), "epoch,lo");
        Files.writeString(folder.resolve("result.json"), "\0\0\0");
        assertThat(state()).isEqualTo(RunState.EMPTY);
        assertThat(resume().code()).isEqualTo(ExitCodes.DATA);

        assertEndsAsTheUninterruptedRun(CommandResult.train("--epochs", EPOCHS, "--out", folder));
    }

    @Test
    void killedAfterTheLock() throws IOException {
        Files.writeString(folder.resolve(".lock"), "process 1 on host since then\n");
        assertThat(state()).isEqualTo(RunState.EMPTY);

        assertEndsAsTheUninterruptedRun(CommandResult.train("--epochs", EPOCHS, "--out", folder));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void killedBeforeTheFirstSave(boolean resume) throws IOException {
        copy("settings.json", "train.log");
        Files.writeString(folder.resolve("settings.json.tmp"), "{\"mod");
        Files.writeString(folder.resolve("history.csv.tmp"), "epo");
        Files.createFile(folder.resolve("best.safetensors." + UUID.randomUUID() + ".tmp"));
        assertThat(state()).isEqualTo(RunState.BEGUN);

        CommandResult result = resume ? resume() : CommandResult.train("--epochs", EPOCHS, "--out", folder);

        assertThat(result.out()).contains(resume ? "it starts from the beginning" : "this one takes its place");
        assertEndsAsTheUninterruptedRun(result);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void killedAfterTheFirstHistoryAndBeforeTheFirstSave(boolean resume) throws IOException {
        copy("settings.json", "history.csv", "result.json");
        assertThat(state()).isEqualTo(RunState.BEGUN);

        assertEndsAsTheUninterruptedRun(resume ? resume() : CommandResult.train("--epochs", EPOCHS, "--out", folder));
    }

    @Test
    void killedBetweenBestAndLast() throws IOException {
        copy("settings.json", "history.csv", "best.safetensors");
        Files.createFile(folder.resolve("last.safetensors." + UUID.randomUUID() + ".tmp"));
        assertThat(state()).isEqualTo(RunState.BEST_ONLY);

        CommandResult fresh = CommandResult.train("--out", folder);
        assertThat(fresh.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(fresh.err()).contains("holds a run already", "--resume");

        CommandResult resumed = resume();
        assertThat(resumed.out()).contains("goes on from best.safetensors", "Going on after epoch 1");
        assertEndsAsTheUninterruptedRun(resumed);
    }

    @Test
    void killedAfterBoth() throws IOException {
        copy("settings.json", "history.csv", "best.safetensors", "last.safetensors");
        assertThat(state()).isEqualTo(RunState.SAVED);

        assertEndsAsTheUninterruptedRun(resume());
    }

    @Test
    void aDamagedLastIsNamedAndBestTakesItsPlace() throws IOException {
        copy("settings.json", "history.csv", "best.safetensors", "last.safetensors");
        byte[] bytes = Files.readAllBytes(one("last.safetensors"));
        Files.write(folder.resolve("last.safetensors"), Arrays.copyOf(bytes, bytes.length / 2));

        CommandResult damaged = resume();
        assertThat(damaged.code()).isEqualTo(ExitCodes.DATA);
        assertThat(damaged.err())
                .contains("remove it: --resume then goes on from best.safetensors")
                .doesNotContain("..", "\tat ");

        Files.delete(folder.resolve("last.safetensors"));
        assertEndsAsTheUninterruptedRun(resume());
    }

    @Test
    void lastOnly() throws IOException {
        copy("last.safetensors");
        assertThat(state()).isEqualTo(RunState.SAVED);
        assertThat(CommandResult.train("--out", folder).code()).isEqualTo(ExitCodes.USAGE);

        CommandResult resumed = resume();

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Weights.of(folder.resolve("last.safetensors"))).isEqualTo(Weights.of(two("last.safetensors")));
        assertThat(Weights.figures(folder.resolve("history.csv"))).isEqualTo(Weights.figures(two("history.csv")));
    }

    @Test
    void aHistoryTornInItsLastLine() throws IOException {
        aTornHistory("ONE2,0.1");
    }

    /** The figures of a history that a power cut tore, or that is ahead of the checkpoint, come from the checkpoint. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "epoch,lo",
                "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second\n1,2.",
                "epoch\n1,x\n",
                "\0\0\0\0\0\0",
                "ONE\0\0\0",
                "ONE2,1.0,0.1,1.0,0.1,0.1,1.0,1.0\n2,1.0,0.1,1.0,0.1,0.1,1.0,1.0\n",
                "ONE1,1.0,0.1,1.0,0.1,0.1,1.0,1.0\n"
            })
    @Tag("sweep")
    void aTornHistory(String text) throws IOException {
        copy("settings.json", "best.safetensors", "last.safetensors");
        Files.writeString(folder.resolve("history.csv"), text.replace("ONE", Files.readString(one("history.csv"))));

        assertEndsAsTheUninterruptedRun(resume());
    }

    @Test
    void filesOfOtherProgramsAreLeftAlone() throws IOException {
        Files.writeString(folder.resolve("notes.tmp"), "mine");
        assertThat(state()).isEqualTo(RunState.EMPTY);

        assertThat(CommandResult.train("--epochs", 1, "--out", folder).code()).isZero();

        assertThat(folder.resolve("notes.tmp")).hasContent("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"settings.json", "history.csv", "result.json"})
    void filesWithARunsNamesThatAreOfNoneAreNotWrittenOver(String name) throws IOException {
        Files.writeString(folder.resolve(name), "mine");
        assertThat(state()).isEqualTo(RunState.FOREIGN);

        CommandResult fresh = CommandResult.train("--epochs", 1, "--out", folder);
        assertThat(fresh.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(fresh.err()).contains(folder.toString(), name, "choose another --out");
        assertThat(resume().code()).isEqualTo(ExitCodes.DATA);
        assertThat(folder.resolve(name)).hasContent("mine");
        assertThat(folder.toFile().list()).containsExactly(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"last.safetensors", "best.safetensors", "train.log", ".lock", "history.csv"})
    void foldersWithARunsNamesAreRefused(String name) throws IOException {
        Files.createDirectory(folder.resolve(name));
        assertThat(state()).isEqualTo(RunState.FOREIGN);

        assertThat(CommandResult.train("--out", folder).code()).isEqualTo(ExitCodes.USAGE);
        assertThat(resume().code()).isEqualTo(ExitCodes.DATA);
    }

    @Test
    void settingsThatAreNoneAreForeign() throws IOException {
        for (String text : List.of("", "{}", "null", "[1]", "x".repeat(100_000))) {
            Files.writeString(folder.resolve("settings.json"), text);
            assertThat(state()).as(text).isEqualTo(RunState.FOREIGN);
        }
    }

    @Test
    void epochsThatWereRaisedBeforeAKillStayRaised() throws IOException {
        copy("history.csv", "best.safetensors", "last.safetensors");
        Files.writeString(
                folder.resolve("settings.json"),
                Files.readString(one("settings.json")).replace("\"epochs\" : 1", "\"epochs\" : " + EPOCHS));

        assertEndsAsTheUninterruptedRun(
                CommandResult.of("train", "--resume", "--out", folder, "--backend", "cpu-scalar"));
    }

    @Test
    void aFolderInUseIsRefusedAndItsHolderNamed() throws IOException, InterruptedException {
        Path printed = runs.resolve("printed.txt");
        Path out = folder.resolve("run");
        Process holder = StartedCommand.start(
                printed, "train", "mlp", "--backend", "cpu-scalar", "--limit", 32, "--epochs", 100_000, "--out", out);
        try {
            while (holder.isAlive() && !Files.exists(out.resolve("last.safetensors"))) {
                Thread.sleep(20);
            }
            assertThat(holder.isAlive()).as(Files.readString(printed)).isTrue();
            CommandResult resumed = CommandResult.of("train", "--resume", "--out", out);
            assertThat(resumed.code()).isEqualTo(ExitCodes.USAGE);
            assertThat(resumed.err()).contains(out + " is in use by process " + holder.pid() + " on ", "since 20");
            assertThat(resumed.out()).isEmpty();
        } finally {
            holder.destroyForcibly();
        }
        assertThat(holder.waitFor(180, TimeUnit.SECONDS)).isTrue();

        int epochs = Weights.figures(out.resolve("history.csv")).size();
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", out, "--epochs", epochs + 1);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Weights.figures(out.resolve("history.csv")))
                .hasSize(epochs + 1)
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " sp", "sp ", "a\nb", "FILE", "FILE/below", "/dev/null"})
    void placesThatNoRunCanHaveAreRefusedBeforeTheTraining(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        String out = text.replace("FILE", file.toString());

        CommandResult result = CommandResult.train("--out", out);

        assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--out expects a ");
        assertThat(result.out()).isEmpty();
        CommandResult json = CommandResult.train(
                "--epochs", 1, "--json", out.equals("/dev/null") ? "" : out, "--out", folder.resolve("x"));
        assertThat(json.code()).as(json.err()).isEqualTo(text.equals("FILE") ? 0 : ExitCodes.USAGE);
    }

    @Test
    void aReadOnlyPlaceIsRefusedBeforeTheTraining() throws IOException {
        Path place = Files.createDirectory(folder.resolve("place"));
        assumeThat(place.toFile().setWritable(false)).isTrue();
        assumeThat(Files.isWritable(place)).as("root writes everywhere").isFalse();

        for (Path out : List.of(place, place.resolve("run/of/mine"))) {
            CommandResult result = CommandResult.train("--out", out);
            assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
            assertThat(result.err()).contains(place + " cannot be");
            assertThat(result.out()).isEmpty();
        }
    }

    @Test
    void runsThatStartInOneSecondGetFoldersOfTheirOwn() throws IOException {
        RunFolder wanted = new RunFolder(folder.resolve("runs/mlp-20260101-000000"));

        assertThat(wanted.made()).isEqualTo(wanted);
        assertThat(wanted.made().path()).hasFileName("mlp-20260101-000000-2").isDirectory();
        assertThat(wanted.made().path()).hasFileName("mlp-20260101-000000-3").isDirectory();
    }

    @Test
    void whatCannotBeWrittenIsSaidWithARemedyThatFits() {
        assertThat(CommandFailure.unwritable(folder, new ClosedByInterruptException()))
                .hasMessageContaining("interrupted")
                .hasMessageNotContaining("space");
        assertThat(CommandFailure.unwritable(folder, new AccessDeniedException(folder.toString())))
                .hasMessageContaining("permissions")
                .hasMessageNotContaining("space");
        assertThat(CommandFailure.unwritable(folder, new IOException("No space left on device")))
                .hasMessageContainingAll("No space left on device", "free space");
    }

    @Test
    void aMissingParentIsMade() {
        assertThat(CommandResult.train("--epochs", 1, "--out", folder.resolve("a/b/c"))
                        .code())
                .isZero();
    }
}
