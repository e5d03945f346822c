package org.alborz.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.ModelCheckpoint;
import org.alborz.data.DataException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a training run. */
record RunFolder(Path path) {
    private static final Logger log = LoggerFactory.getLogger(RunFolder.class);
    private static final long MOST_SETTINGS = 1 << 16;

    /** How a result begins, without blanks. */
    private static final String RESULT = "{\"settings\":{";

    /** Looks at what the folder holds. */
    RunState state() {
        if (foreign().isPresent()) {
            return RunState.FOREIGN;
        }
        if (Files.exists(last())) {
            return RunState.SAVED;
        }
        if (Files.exists(best())) {
            return RunState.BEST_ONLY;
        }
        return Files.exists(settingsFile()) ? RunState.BEGUN : RunState.EMPTY;
    }

    /** Returns the first file with a name of a run's that no run has left. */
    private Optional<Path> foreign() {
        Optional<Path> other = files().stream()
                .filter(file -> Files.exists(file) && !Files.isRegularFile(file))
                .findFirst();
        if (other.isPresent()) {
            return other;
        }
        // Its content is for RunLock to look at: closing the file a second time would give the lock back.
        if (Files.exists(lock(), LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(lock(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(lock());
        }
        if (Files.exists(last()) || Files.exists(best())) {
            return Optional.empty();
        }
        if (Files.exists(settingsFile())) {
            return settings().isPresent() ? Optional.empty() : Optional.of(settingsFile());
        }
        return !isOfARun(history(), History.START)
                ? Optional.of(history())
                : isOfARun(result(), RESULT) ? Optional.empty() : Optional.of(result());
    }

    /** Tells whether a file is missing, or begins as a run's does, as far as a power cut has left it. */
    private static boolean isOfARun(Path file, String start) {
        if (!Files.exists(file)) {
            return true;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String found =
                    new String(in.readNBytes(2 * start.length()), StandardCharsets.UTF_8).replaceAll("[\\s\\x00]", "");
            return found.startsWith(start) || start.startsWith(found);
        } catch (IOException e) {
            log.debug("{} could not be read", file, e);
            return false;
        }
    }

    /** Refuses a folder that a new run cannot have. */
    RunState requireFree() {
        RunState state = state();
        if (state.hasCheckpoint()) {
            throw CommandFailure.usage(
                    path + " holds a run already; continue it with --resume, or choose another --out");
        }
        if (state == RunState.FOREIGN) {
            throw CommandFailure.usage(notOfARun() + "; remove it, or choose another --out");
        }
        return state;
    }

    /** Returns the folder of a run to continue. */
    static RunFolder toResume(Path path) {
        if (path == null) {
            throw CommandFailure.usage("--resume expects the folder of the run, such as --out runs/NAME");
        }
        RunFolder folder = new RunFolder(path);
        folder.requireRun();
        return folder;
    }

    /** Refuses a folder without a run to continue, and in which none was begun that could start. */
    RunState requireRun() {
        RunState state = state();
        if (state == RunState.FOREIGN) {
            throw new DataException(notOfARun() + ", so there is nothing to go on from; remove it, or check --out");
        }
        if (state == RunState.EMPTY && (Files.exists(history()) || Files.exists(result()))) {
            throw new DataException("There is no " + last() + " to go on from, and no "
                    + settingsFile().getFileName()
                    + " to start over by, beside the figures of an earlier run; check --out, or start a new run without"
                    + " --resume");
        }
        return state;
    }

    private String notOfARun() {
        Path file = foreign().orElse(path);
        return file + " is damaged or not a run's: "
                + (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        ? "it does not hold what a run writes there"
                        : "it is not a regular file");
    }

    /** Returns the checkpoint to go on from, or null where there is none yet. */
    Path checkpoint() {
        return switch (state()) {
            case SAVED -> last();
            case BEST_ONLY -> best();
            case EMPTY, FOREIGN, BEGUN -> null;
        };
    }

    /** Returns what {@code best} says about itself, where there is one beside {@code last}. */
    Optional<SavedModel> ownBest() {
        if (!Files.exists(best())) {
            return Optional.empty();
        }
        try {
            return Optional.of(SavedModel.read(best()));
        } catch (CheckpointException | DataException e) {
            throw unusableBest(e);
        }
    }

    /** Says how a run goes on although its {@code best} cannot be read. */
    CommandFailure unusableBest(RuntimeException cause) {
        return new CommandFailure(
                ExitCodes.DATA,
                cause.getMessage().replaceFirst("\\.$", "") + ". Remove it: --resume then goes on from "
                        + last().getFileName() + ", and the next epoch is the best at first",
                cause);
    }

    /** Says how a run goes on although a checkpoint cannot be read. */
    CommandFailure unreadable(Path checkpoint, RuntimeException cause) {
        String otherwise = checkpoint.equals(last()) && Files.exists(best())
                ? "goes on from " + best().getFileName()
                : "starts from the beginning";
        return new CommandFailure(
                ExitCodes.DATA,
                cause.getMessage().replaceFirst("\\.$", "") + ". Where " + checkpoint.getFileName()
                        + " is damaged, remove it: --resume then " + otherwise,
                cause);
    }

    private List<Path> files() {
        return List.of(
                best(), last(), settingsFile(), configFile(), history(), steps(), result(), report(), log(), lock());
    }

    /** Returns the files that a run writes here, and those that it renames to them. */
    List<Path> written() {
        return Stream.concat(files().stream(), Stream.of(profileJson(), profileCsv()))
                .flatMap(file -> Stream.of(file, file.resolveSibling(file.getFileName() + ".tmp")))
                .toList();
    }

    /** Returns a checkpoint, and the files of the run that it would be of. */
    static List<Path> filesBeside(Path checkpoint) {
        Path folder = checkpoint.toAbsolutePath().getParent();
        return folder == null
                ? List.of(checkpoint)
                : Stream.concat(Stream.of(checkpoint), new RunFolder(folder).written().stream())
                        .toList();
    }

    /** Makes a folder that was not there before: this one, or one with a number behind its name. */
    RunFolder made() {
        for (int number = 1; ; number++) {
            Path candidate = number == 1 ? path : path.resolveSibling(path.getFileName() + "-" + number);
            try {
                Files.createDirectories(candidate.toAbsolutePath().getParent());
                return new RunFolder(Files.createDirectory(candidate));
            } catch (FileAlreadyExistsException e) {
                log.debug("{} is there already", candidate);
            } catch (IOException e) {
                throw CommandFailure.unwritable(candidate, e);
            }
        }
    }

    /** Makes the folder and takes it for this process. */
    RunLock claim() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw CommandFailure.unwritable(path, e);
        }
        return RunLock.take(this);
    }

    /** Removes the figures of an earlier run without a checkpoint, which are none of the next one's. */
    void startOver() {
        AtomicFile.delete(history());
        AtomicFile.delete(steps());
        AtomicFile.delete(result());
        AtomicFile.delete(report());
    }

    /** Notes the settings, with which the run can start over until there is a checkpoint. */
    void note(TrainSettings settings) {
        AtomicFile.write(settingsFile(), JsonFile.indentedText(settings) + "\n");
    }

    /** Notes the options of the run, for {@code --config} of another one. */
    void noteConfig(String text) {
        AtomicFile.write(configFile(), text);
    }

    /** Returns the settings that were noted, where they can be read. */
    Optional<TrainSettings> settings() {
        try {
            return !Files.isRegularFile(settingsFile()) || Files.size(settingsFile()) > MOST_SETTINGS
                    ? Optional.empty()
                    : Optional.of(JsonFile.parse(Files.readString(settingsFile()), TrainSettings.class));
        } catch (IOException | IllegalArgumentException e) {
            log.debug("{} could not be read", settingsFile(), e);
            return Optional.empty();
        }
    }

    /** Weights of the epoch with the best validation accuracy. */
    Path best() {
        return path.resolve(ModelCheckpoint.BEST);
    }

    /** The state after the last epoch, save or interruption, to go on from. */
    Path last() {
        return path.resolve(ModelCheckpoint.LAST);
    }

    Path settingsFile() {
        return path.resolve("settings.json");
    }

    /** All options of the run, as a configuration file. */
    Path configFile() {
        return path.resolve("config.json");
    }

    Path history() {
        return path.resolve("history.csv");
    }

    /** What happens within epochs. */
    Path steps() {
        return path.resolve("steps.csv");
    }

    /** All of it as a web page. */
    Path report() {
        return path.resolve("report.html");
    }

    Path result() {
        return path.resolve("result.json");
    }

    Path profileJson() {
        return path.resolve("profile.json");
    }

    Path profileCsv() {
        return path.resolve("profile.csv");
    }

    /** A folder of event files. */
    Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    Path log() {
        return path.resolve("train.log");
    }

    Path lock() {
        return path.resolve(".lock");
    }
}
