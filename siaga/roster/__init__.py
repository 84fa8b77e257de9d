"""The roster for the people who make it: shown, looked over ahead, exported and imported."""
