import { createClient } from '@supabase/supabase-js';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const supabase = createClient(`${env.UPSTREAM}/supabase`, 'anon-key', {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const listed = await supabase.from('todos').select('id,title').eq('done', false).order('id').limit(2);
  const inserted = await supabase.from('todos').insert({ title: 'new' }).select().single();
  const refused = await supabase.from('missing').select();
  const signedIn = await supabase.auth.signInWithPassword({ email: 'ada@example.com', password: 'x' });
  return Response.json({
    listed: listed.data,
    inserted: inserted.data,
    refused: refused.error?.code,
    user: signedIn.data.user?.email,
  });
}
