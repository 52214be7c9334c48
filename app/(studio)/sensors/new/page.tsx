import { NewSensorPage } from '@/components/sensors/new-sensor-page';

export const metadata = { title: 'New sensor' };

export default function Page() {
  return <NewSensorPage />;
}
