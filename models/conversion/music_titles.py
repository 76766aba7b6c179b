"""How well valence and arousal order pieces by what their titles say: of each pair of a high and a low title, the share in the right order.

    daemon/listen/tests/fetch-music.sh FOLDER
    cargo run --release -p moodlark-listen --example survey -- FOLDER/usr > survey.jsonl
    python models/conversion/music_titles.py survey.jsonl

The words were written down before any figure was seen. A title with words of both kinds does not count."""
import json, re, sys

WORDS = {
    "arousal": (
        r"battle|boss|fight|danger|war\b|rush|race|racing|attack|action|fast|chase|fury|clash|assault|breaking|vengeful|metal|rock\b|siege|storm",
        r"sad|calm|peace|sleep|night|wait|lobby|ambient|lull|slow|quiet|lone|sorrow|mourn|requiem|elegy|dream|silence|love|elvish|underground|cave",
    ),
    "valence": (
        r"happy|victor|joy|love|fun\b|party|celebr|sunny|dance|jolly|cheer|funny|bright|triumph|merry|smile|hope|home|christmas|disko|disco",
        r"sad|death|dead|loss|defeat|dark|evil|grave|ghost|doom|fear|sorrow|tragic|halloween|undead|mourn|requiem|gloom|haunt|nightmare|horror"
        r"|forsaken|castle|crypt|hell|hunted|enemy",
    ),
}


def main():
    answers = [json.loads(line)["answer"] for line in open(sys.argv[1])]
    heard = [a for a in answers if a.get("mood")]
    for axis, (high, low) in WORDS.items():
        sides = {True: [], False: []}
        for answer in heard:
            path = answer["path"] if isinstance(answer["path"], str) else ""
            name = path.split("/")[-1].rsplit(".", 1)[0]
            title = f"{name} {answer['track']['tags'].get('title', '')}".lower()
            is_high, is_low = bool(re.search(high, title)), bool(re.search(low, title))
            if is_high != is_low:
                sides[is_high].append(answer["mood"][axis])
        pairs = [(h > l) + 0.5 * (h == l) for h in sides[True] for l in sides[False]]
        print(f"{axis}: {sum(pairs) / max(len(pairs), 1):.3f}, {len(sides[True])} titles high, {len(sides[False])} low")


main()
