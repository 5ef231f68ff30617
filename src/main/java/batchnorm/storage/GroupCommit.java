package batchnorm.storage;

import batchnorm.layer.CommitOutcomeUnknown;
import batchnorm.layer.LayerName;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/// Runs works together: one transaction, one flush to disk, then the responses.
///
/// A work that throws, or whose values the database rejects, changes nothing and does not affect
/// the others. No work of a failed transaction is reported as done.
final class GroupCommit {
    private static final int ATTEMPTS = 5;

    private final Session.Source sessions;
    private final CommittedLayers committed;
    private final AtomicLong commits = new AtomicLong();

    GroupCommit(Session.Source sessions, CommittedLayers committed) {
        this.sessions = sessions;
        this.committed = committed;
    }

    /// Returns the number of committed transactions.
    long commits() {
        return commits.get();
    }

    /// Completes every work, even on an unexpected failure.
    void run(List<CommitTask<?>> works) {
        try {
            attempt(works, ATTEMPTS);
        } catch (Throwable unexpected) {
            CommitOutcomeUnknown unknown = new CommitOutcomeUnknown(unexpected);
            works.forEach(work -> work.fail(unknown)); // no effect on completed works
        }
    }

    private void attempt(List<CommitTask<?>> works, int attemptsLeft) {
        try {
            Collection<LayerUnitOfWork> drafts = commit(works);
            committed.publish(drafts); // before the results: a later read must see them
            works.forEach(CommitTask::complete);
        } catch (SessionFailure failure) {
            recover(works, attemptsLeft - 1, failure);
        }
    }

    private void recover(List<CommitTask<?>> works, int attemptsLeft, SessionFailure failure) {
        switch (failure.remedy()) {
            case REPEAT -> {
                works.forEach(work -> work.names().forEach(committed::forget));
                if (attemptsLeft > 0) {
                    attempt(works, attemptsLeft);
                } else {
                    works.forEach(work -> work.fail(failure.cause()));
                }
            }
            case SEPARATE -> {
                if (works.size() > 1) {
                    // Halving isolates one failing work of n in log n commits.
                    int half = works.size() / 2;
                    attempt(works.subList(0, half), ATTEMPTS);
                    attempt(works.subList(half, works.size()), ATTEMPTS);
                } else {
                    works.forEach(work -> work.fail(failure.cause()));
                }
            }
            case FAIL -> works.forEach(work -> work.fail(failure.cause()));
        }
    }

    private Collection<LayerUnitOfWork> commit(List<CommitTask<?>> works) {
        try (Session session = sessions.open()) {
            List<LayerUnitOfWork> changed = save(works, session);
            if (!changed.isEmpty()) {
                session.commit();
                commits.incrementAndGet();
            }
            return changed;
        }
    }

    /// Runs and saves the works. A failure changes nothing.
    ///
    /// @return the changed layers
    private static List<LayerUnitOfWork> save(List<CommitTask<?>> works, Session session) {
        try {
            List<LayerUnitOfWork> changed =
                    drafts(works, session).stream().filter(LayerUnitOfWork::isChanged).toList();
            if (!changed.isEmpty()) {
                session.save(changed);
            }
            return changed;
        } catch (SessionFailure failure) {
            throw failure;
        } catch (RuntimeException defect) {
            throw new SessionFailure(SessionFailure.Remedy.SEPARATE, defect);
        }
    }

    /// Runs the works in memory, in order of arrival.
    ///
    /// @return their changes, in the order of the layers' names
    private static Collection<LayerUnitOfWork> drafts(List<CommitTask<?>> works, Session session) {
        SortedMap<LayerName, LayerUnitOfWork> drafts = new TreeMap<>();
        SortedSet<LayerName> names = new TreeSet<>();
        works.forEach(work -> names.addAll(work.names()));
        Map<LayerName, StoredLayer> stored = session.begin(names);
        for (LayerName name : names) {
            StoredLayer before = stored.getOrDefault(name, StoredLayer.NOTHING);
            drafts.put(name, new LayerUnitOfWork(name, before, session));
        }
        works.forEach(work -> run(work, drafts));
        return drafts.values();
    }

    /// Runs one work. Its changes of all layers are accepted only if it succeeds.
    private static void run(CommitTask<?> work, Map<LayerName, LayerUnitOfWork> drafts) {
        Map<LayerName, LayerUnitOfWork.Attempt> attempts = new HashMap<>();
        for (LayerName name : work.names()) {
            attempts.put(name, Objects.requireNonNull(drafts.get(name)).attempt());
        }
        if (work.run(
                name -> Objects.requireNonNull(attempts.get(name), "not a name of the work"))) {
            attempts.values().forEach(LayerUnitOfWork.Attempt::accept);
        }
    }
}
